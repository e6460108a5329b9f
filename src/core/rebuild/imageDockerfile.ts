import { isSecretName } from '../cache/redactor';
import type { ImageRow } from '../image/historyRows';
import type { BaseName } from './containerDockerfile';

/** What a row of the history does not tell about its instruction. */
export type UnknownPart =
	/** The files that were copied, and whether they came from the build context or from another stage. */
	| 'sources'
	/** The names of what was copied, too: the classic builder keeps a checksum. */
	| 'sourceNames'
	/** Mounts (caches, secrets, SSH) and network. */
	| 'mounts'
	/** No instruction at all: a commit, an import, or another tool. */
	| 'instruction';

export interface RecoveredInstruction {
	/** As a Dockerfile would have it; the engine's words where it is not known to be one. */
	readonly text: string;
	readonly unknown: readonly UnknownPart[];
	/** Build arguments that a RUN was given; no value where the name looks like a secret's. */
	readonly buildArguments: readonly { readonly name: string; readonly value: string | undefined }[];
	/** False: it cannot stand as an instruction. */
	readonly isInstruction: boolean;
}

export interface ImageDockerfile {
	/** Undefined: nothing on this engine is known to be its base; `scratch` is then as far as history goes. */
	readonly base: BaseName | undefined;
	/** Oldest first. */
	readonly instructions: readonly RecoveredInstruction[];
}

/**
 * What an image's history tells of the Dockerfile it was built from.
 *
 * @param rows oldest first
 * @param base another image that this one continues, and how many of the rows are its own
 */
export function recoverDockerfile(rows: readonly ImageRow[], base: { readonly name: BaseName; readonly rows: number } | undefined): ImageDockerfile {
	return { base: base?.name, instructions: rows.slice(base?.rows ?? 0).map(recover) };
}

function recover({ keyword, instruction, createdBy }: ImageRow): RecoveredInstruction {
	const buildArguments = argumentsOf(createdBy);
	switch (keyword) {
		case undefined:
			return { text: instruction, unknown: ['instruction'], buildArguments, isInstruction: false };
		case 'COPY':
		case 'ADD': {
			const isNamed = !instruction.includes('…');
			return { text: instruction, unknown: isNamed ? ['sources'] : ['sourceNames'], buildArguments, isInstruction: isNamed };
		}
		case 'RUN':
			return { text: instruction, unknown: ['mounts'], buildArguments, isInstruction: true };
		default:
			return { text: instruction, unknown: [], buildArguments, isInstruction: true };
	}
}

/** `|2 A=b C=d ` before the words of a RUN: what it was given. */
function argumentsOf(createdBy: string): RecoveredInstruction['buildArguments'] {
	const [, count, rest = ''] = /^(?:RUN )?\|(\d+) (.*)$/s.exec(createdBy) ?? [];
	if (count === undefined) {
		return [];
	}
	// A value with spaces cannot be told from what follows it, so only as many as are sure to be arguments are read.
	const found: { readonly name: string; readonly value: string | undefined }[] = [];
	for (const word of rest.split(' ').slice(0, Number(count))) {
		const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
		if (name === undefined) {
			break;
		}
		found.push({ name, value: isSecretName(name) ? undefined : value });
	}
	return found;
}

/** An image's layers, to find what it was built on. */
export interface BaseCandidate {
	readonly id: string;
	readonly diffIds: readonly string[];
}

/** Of the images, the one with the most layers that this one continues; undefined where none does. */
export function baseAmong<T extends BaseCandidate>(image: BaseCandidate, others: readonly T[]): T | undefined {
	return others
		.filter(({ id, diffIds }) => id !== image.id && diffIds.length > 0 && diffIds.length < image.diffIds.length && diffIds.every((diffId, at) => diffId === image.diffIds[at]))
		.reduce<T | undefined>((best, one) => best === undefined || one.diffIds.length > best.diffIds.length ? one : best, undefined);
}
