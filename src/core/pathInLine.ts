import { posix } from 'node:path';
import type { ResolvedInstruction } from './dockerfile/resolved';

/**
 * Which paths of the image a word of an instruction may mean, the likeliest first: of a COPY's or ADD's source where it
 * was put, else the word itself, seen from the working directory.
 */
export function pathsOfWord({ instruction: { keyword }, words, workdir }: ResolvedInstruction, word: string): readonly string[] {
	const folder = workdir === '' ? '/' : workdir;
	const at = keyword === 'COPY' || keyword === 'ADD' ? words.indexOf(word) : -1;
	const destination = posix.resolve(folder, words.at(-1) ?? '');
	if (at >= 0 && at < words.length - 1) {
		return [posix.join(destination, posix.basename(word)), destination];
	}
	const sources = at < 0 ? [] : words.slice(0, -1).map(source => posix.join(destination, posix.basename(source)));
	return [posix.resolve(folder, word), ...sources];
}
