import { fingerprint } from './fingerprint';
import type { ImageDetails } from '../engine/engine';
import type { BaseConfig, CopySource, ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';
import type { ContextIndex } from './contextIndex';
import type { BaseInputs, ContentSource } from './instructionInputs';
import type { Ground } from './ground';
import type { Redactor } from './redactor';
import type { CacheRules } from './rules';
import { selectFiles, type FilesTaken, type SelectionRules, type WrittenFile } from './selection';

/** A base image as the engine has it. */
export interface BaseImage extends BaseConfig {
	readonly id: string;
	readonly digests: readonly string[];
	readonly diffIds: readonly string[];
}

export function baseImageOf(image: ImageDetails): BaseImage {
	const { id, digests, diffIds, env, workdir, user, shell, onBuild } = image;
	return { id, digests, diffIds, env, workdir, user, shell, onBuild };
}

/** What a build is asked for and finds, as far as its cache depends on it. */
export interface InputsRequest {
	/** Resolved with `builder`, `bases` and, for BuildKit, the engine's platform. */
	readonly resolved: ResolvedDockerfile;
	readonly rules: CacheRules;
	readonly buildArgs: Readonly<Record<string, string>>;
	readonly network: 'default' | 'none' | 'host' | undefined;
	readonly platform: string | undefined;
	/** Images that FROM and `--from` name and the engine has, by expanded reference. */
	readonly bases: Readonly<Record<string, BaseImage>>;
	readonly context: ContextIndex;
	/** The Dockerfile, where it is part of the context: what is built is its text here, not the disk's. */
	readonly written: WrittenFile | undefined;
	/** Of this installation; secret values are hashed with it. */
	readonly secretKey: string | Uint8Array;
}

export interface SelectionAsked {
	readonly source: string;
	readonly rules: SelectionRules;
}

/** A request while its instructions are turned into inputs. */
export interface InputsWork extends InputsRequest {
	readonly ground: Ground;
	readonly redactor: Redactor;
	/** Paths whose hash was needed and is not known. */
	readonly unhashed: Set<string>;
	/** Sources whose files are to be gone through before the step can be told; then it is asked for again. */
	readonly unseen: SelectionAsked[];
	/** Whether the file that is being written is among what was taken. */
	readonly taken: { written: boolean };
	/** How each manifest that is named can be listed. */
	readonly selections: Map<string, SelectionAsked>;
}

export function baseInputs(work: InputsWork, reference: string): BaseInputs {
	const image = Object.hasOwn(work.bases, reference) ? work.bases[reference] : undefined;
	const digest = image === undefined ? pinnedDigest(reference) : image.digests[0]?.split('@').at(-1) ?? image.id;
	return {
		reference: work.redactor.text(reference), key: image === undefined ? pinnedDigest(reference) : baseKey(image, work.rules), digest,
		...image !== undefined && work.rules.baseKey === 'digest' ? { layers: fingerprint(image.diffIds) } : {},
	};
}

/** `name@sha256:…` can be nothing else than that image, whether the engine has it or not. */
function pinnedDigest(reference: string): string | undefined {
	return /@(\w+:[0-9a-f]{32,})$/.exec(reference)?.[1];
}

function baseKey(image: BaseImage, rules: CacheRules): string {
	return rules.baseKey === 'layers' ? image.diffIds.join(' ') : image.id;
}

export function takeFiles(work: InputsWork, source: string, rules: Omit<SelectionRules, 'builder'>): FilesTaken {
	const asked = { source, rules: { ...rules, builder: work.rules.builder } };
	const selection = selectFiles(work.context, source, asked.rules, work.written);
	if (selection === undefined) {
		work.unseen.push(asked);
		return { source, root: undefined, manifest: undefined, files: 0, bytes: 0 };
	}
	const { taken, unhashed, hasWritten } = selection;
	work.taken.written ||= hasWritten;
	unhashed.forEach(path => work.unhashed.add(path));
	if (taken.manifest !== undefined) {
		work.selections.set(taken.manifest, asked);
	}
	return taken;
}

/** What `--from` names, read at `path`. */
export function contentSource(work: InputsWork, from: Exclude<CopySource, { kind: 'context' }>, path: string): ContentSource {
	if (from.kind === 'image') {
		return { step: undefined, line: undefined, image: baseInputs(work, from.reference), path };
	}
	const { dockerfile } = work.resolved;
	const instructions = dockerfile.stages[from.stage]?.instructions ?? [];
	return { step: instructions.at(-1), line: dockerfile.instructions[instructions[0] ?? -1]?.line, image: undefined, path };
}

export interface Used {
	readonly uses: Readonly<Record<string, string>> | undefined;
	readonly usesFromArg: readonly string[] | undefined;
}

/** The variables that were expanded in an instruction. */
export function variablesUsed(work: InputsWork, { instruction, variables, env, args }: ResolvedInstruction): Used {
	const written = [instruction.text, ...instruction.heredocs.map(({ content }) => content)].join('\n');
	const names = new Set([...written.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(match => match[1]!));
	const used = [...names].filter(name => variables.get(name) !== undefined);
	if (used.length === 0) {
		return { uses: undefined, usesFromArg: undefined };
	}
	const isArg = (name: string): boolean => args.get(name) !== undefined && (env.get(name) === undefined || env.get(name) !== variables.get(name));
	return {
		uses: Object.fromEntries(used.map(name => [name, work.redactor.value(name, variables.get(name)!)])),
		usesFromArg: used.filter(isArg),
	};
}

/** An instruction as people read it: variables expanded, heredocs with it. */
export function shownText(work: InputsWork, { text, instruction, heredocs }: ResolvedInstruction): string {
	const bodies = instruction.heredocs.map(({ name }, at) => `\n${heredocs[at] ?? ''}${name}`);
	return work.redactor.text([text, ...bodies].join(''));
}

/** A step with nothing but its operation; the rest is added by who knows it. */
export const plainStep = {
	shell: undefined, user: undefined, workdir: undefined, network: undefined, platform: undefined, variables: undefined, fromArg: undefined,
	uses: undefined, usesFromArg: undefined, files: undefined, sources: undefined, remotes: undefined, linked: false,
} as const;
