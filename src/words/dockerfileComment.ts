/** Characters of a line of a Dockerfile that a person sees without scrolling. */
const width = 100;

/** Words as a comment of a Dockerfile. A sentence is wrapped; what is indented is an item, or a line to be copied. */
export function dockerfileComment(text: string): string {
	if (text.startsWith(' ')) {
		return `# ${text}`;
	}
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const line = lines.at(-1);
		if (line === undefined || line.length + 1 + word.length > width) {
			lines.push(`# ${word}`);
		} else {
			lines[lines.length - 1] = `${line} ${word}`;
		}
	}
	return lines.join('\n');
}
