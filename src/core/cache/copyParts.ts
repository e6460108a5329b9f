import { resolveWorkdir } from '../dockerfile/scope';
import type { ResolvedInstruction } from '../dockerfile/resolved';

/** COPY and ADD taken apart. */
export interface CopyParts {
	/** Paths and patterns, in order; no heredocs and no URLs. */
	readonly sources: readonly string[];
	readonly remotes: readonly string[];
	/** Name and content of each heredoc. */
	readonly documents: readonly (readonly [name: string, content: string])[];
	/** Absolute; a trailing slash stays where the destination is a folder. */
	readonly destination: string;
	/** As written, variables expanded. */
	readonly writtenDestination: string;
}

const isRemote = (word: string): boolean => /^(?:https?|git|ssh):\/\/|^git@/.test(word);

export function copyParts({ instruction, words, heredocs, workdir }: ResolvedInstruction): CopyParts {
	const names = new Set(instruction.heredocs.map(({ name }) => name));
	const isDocument = (word: string): boolean => /^\d*<<-?/.test(word) && names.has(word.replace(/^\d*<<-?/, '').replace(/^(["'])(.*)\1$/, '$2'));
	const given = words.slice(0, -1).filter(word => !isDocument(word));
	const isAdd = instruction.keyword === 'ADD';
	return {
		sources: given.filter(word => !isAdd || !isRemote(word)),
		remotes: isAdd ? given.filter(isRemote) : [],
		documents: instruction.heredocs.map(({ name }, index) => [name, heredocs[index] ?? ''] as const),
		destination: destinationOf(words.at(-1) ?? '', workdir),
		writtenDestination: words.at(-1) ?? '',
	};
}

function destinationOf(written: string, workdir: string): string {
	const path = resolveWorkdir(workdir, written);
	const isFolder = written === '' || written === '.' || written.endsWith('/');
	return isFolder && path !== '/' ? `${path}/` : path;
}
