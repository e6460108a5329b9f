import { trimStart } from './space';

/** The strings of a JSON array; `notStrings` where it is one with something else in it; undefined where it is none. */
export function readJsonForm(args: string): readonly string[] | 'notStrings' | undefined {
	const text = trimStart(args);
	if (!text.startsWith('[')) {
		return undefined;
	}
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		return undefined;
	}
	return Array.isArray(parsed) && parsed.every(item => typeof item === 'string') ? parsed : 'notStrings';
}
