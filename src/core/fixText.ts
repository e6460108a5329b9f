import type { Dockerfile, Instruction } from './dockerfile/model';

/**
 * The command of a RUN in shell form that can be put beside another: no flags, no heredoc, no exec form, nothing left
 * running, no shell comment that would swallow what follows. Undefined for any other instruction.
 */
export function plainRun({ keyword, flags, heredocs, json, args }: Instruction): string | undefined {
	const isPlain = keyword === 'RUN' && flags.length === 0 && heredocs.length === 0 && json === undefined
		&& args !== '' && !/(?:^|\s)#/.test(args) && !/[^&]&\s*$/.test(args) && !/<</.test(args);
	return isPlain ? args : undefined;
}

/** What a command may leave behind in its shell; in parentheses it stays its own. */
const changesShell = /(?:^|[;&|({!]\s*|\b(?:then|do|else)\s+)(?:cd|set|export|umask|exit|exec|trap|alias|unset|source|pushd|popd|shopt)\b|(?:^|[;&|]\s*)\.\s|(?:^|[;&|]\s*)\w+=\S*\s*(?:;|&&|$)/;

/** What a joined RUN does, in order: the command of a RUN line, or the change of directory that a WORKDIR was. */
export type JoinedPart = { readonly kind: 'run'; readonly instruction: Instruction } | { readonly kind: 'enter'; readonly folder: string };

/** RUN lines as one, comments right above them kept; undefined where one of them cannot be joined. */
export function joinedRuns(parts: readonly JoinedPart[], dockerfile: Dockerfile): string | undefined {
	const runs = parts.flatMap(part => part.kind === 'run' ? [part.instruction] : []);
	if (dockerfile.escape !== '\\' || runs.length < 2 || runs.some(run => plainRun(run) === undefined)) {
		return undefined;
	}
	const source = dockerfile.text.split(/\r?\n/);
	return parts.map((part, at) => {
		const before = at === 0 ? 'RUN ' : ' \\\n';
		if (part.kind === 'enter') {
			return `${before}${at === 0 ? '' : '    && '}mkdir -p ${part.folder} && cd ${part.folder}`;
		}
		const { line, endLine, args } = part.instruction;
		const command = source.slice(line - 1, endLine).join('\n').replace(/^\s*RUN\s+/i, '').trimEnd();
		// A list of alternatives binds as it did before only in parentheses too.
		const own = changesShell.test(args) || args.includes('||') ? `(${command})` : command;
		return at === 0 ? `${before}${own}` : `${before}${commentsAbove(source, line).map(comment => `${comment}\n`).join('')}    && ${own}`;
	}).join('');
}

function commentsAbove(source: readonly string[], line: number): readonly string[] {
	let from = line - 1;
	while (from > 0 && source[from - 1]!.trim().startsWith('#')) {
		from--;
	}
	return source.slice(from, line - 1);
}

/** Whether a command only removes things, and nothing at or around a path. */
export function onlyCleans(args: string, path: string): boolean {
	return args.split(/&&|;/).map(part => part.trim()).every(command => {
		const [name, ...words] = command.split(/\s+/);
		if (name === 'rm') {
			return words.filter(word => !word.startsWith('-')).every(word => word.startsWith('/') && !/[$`]/.test(word) && isApart(word, path));
		}
		return /^(?:apt(?:-get)? (?:-\S+ )*(?:purge|remove|autoremove|clean|autoclean|autopurge)|apk (?:-\S+ )*(?:del|cache clean)|(?:dnf|yum|microdnf) (?:-\S+ )*(?:remove|autoremove|clean)|npm cache clean|yarn cache clean|pip3? cache purge)\b/.test(command);
	});
}

/** Neither below the other; a pattern is taken up to its first special character. */
function isApart(pattern: string, path: string): boolean {
	const fixed = pattern.replace(/[*?[].*$/, '').replace(/\/+$/, '');
	return fixed !== '' && !path.startsWith(fixed) && !fixed.startsWith(path.replace(/\/+$/, '') + '/');
}

/** A RUN with one more command at its end; undefined where nothing can be added safely. */
export function withCommand(run: Instruction, { text, escape }: Dockerfile, command: string): string | undefined {
	if (plainRun(run) === undefined || escape !== '\\' || run.args.includes(command)) {
		return undefined;
	}
	const source = text.split(/\r?\n/).slice(run.line - 1, run.endLine).join('\n').trimEnd();
	const [, keyword, body] = /^(\s*RUN\s+)([\s\S]*)$/i.exec(source) ?? [];
	if (keyword === undefined || body === undefined) {
		return undefined;
	}
	return `${keyword}${changesShell.test(run.args) || run.args.includes('||') ? `(${body})` : body} \\\n    && ${command}`;
}

/** Whether a command has exactly one place that the pattern means. */
export function alone(args: string, pattern: RegExp): boolean {
	return [...args.matchAll(new RegExp(pattern.source, 'g'))].length === 1;
}
