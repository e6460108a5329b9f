import { posix } from 'node:path';
import { resolveWorkdir } from '../dockerfile/scope';
import type { Mount, ResolvedInstruction } from '../dockerfile/resolved';
import { copyParts } from './copyParts';
import type { RunVariables } from './environment';
import type { ContentSource, StepInputs } from './instructionInputs';
import type { FilesTaken } from './selection';
import { contentSource, plainStep, shownText, takeFiles, variablesUsed, type InputsWork } from './stepRequest';

/**
 * The step that BuildKit makes of an instruction, by its cache maps (solver/llbsolver/ops/{exec,file}.go) and its
 * conversion (dockerfile2llb/convert.go). Undefined where it makes none: all that changes only the config.
 */
export function buildKitStep(work: InputsWork, resolved: ResolvedInstruction, variables: RunVariables): StepInputs | undefined {
	switch (resolved.instruction.keyword) {
		case 'RUN':
			return runStep(work, resolved, variables);
		case 'COPY':
		case 'ADD':
			return copyStep(work, resolved);
		case 'WORKDIR':
			return workdirStep(work, resolved);
		default:
			return undefined;
	}
}

function workdirStep(work: InputsWork, resolved: ResolvedInstruction): StepInputs | undefined {
	if (!resolved.layer) {
		return undefined;
	}
	const path = resolveWorkdir(resolved.workdir, resolved.words[0] ?? '');
	return {
		...plainStep,
		...variablesUsed(work, resolved),
		operation: work.redactor.json(['mkdir', path]),
		text: shownText(work, resolved),
		// The folder belongs to the user in force.
		user: resolved.user || undefined,
	};
}

function copyStep(work: InputsWork, resolved: ResolvedInstruction): StepInputs {
	const { sources, remotes, documents, destination } = copyParts(resolved);
	const { flags, source: from, instruction } = resolved;
	const excludes = flags['exclude'] ?? [];
	const keepsParents = flags['parents']?.[0] === 'true';
	const isContext = from === undefined || from.kind === 'context';
	const names = sources.map(source => keepsParents ? source : posix.basename(posix.join('/', source)) || '/');
	const linked = work.rules.mergesLinks && flags['link']?.[0] === 'true' && flags['chmod'] === undefined;
	return {
		...plainStep,
		...variablesUsed(work, resolved),
		operation: work.redactor.json([instruction.keyword, names, remotes, destination, documents, ...copyFlags(flags)]),
		text: shownText(work, resolved),
		files: isContext ? sources.map(source => takeFiles(work, source, { excludes, takesPatterns: true })) : undefined,
		sources: isContext ? undefined : sources.map(source => contentSource(work, from, posix.join('/', source))),
		remotes: remotes.length === 0 ? undefined : remotes.map(remote => work.redactor.text(remote)),
		linked,
	};
}

/** Flags that are part of the operation; `from` counts by content, `link` only where it is real. */
function copyFlags(flags: ResolvedInstruction['flags']): readonly (readonly [string, readonly string[]])[] {
	return Object.entries(flags)
		.filter(([name]) => name !== 'from' && name !== 'link')
		.map(([name, values]) => [name, name === 'chmod' ? values.map(octal) : values] as const)
		.sort(([a], [b]) => a < b ? -1 : 1);
}

const octal = (mode: string): string => /^[0-7]+$/.test(mode) ? Number.parseInt(mode, 8).toString(8) : mode;

function runStep(work: InputsWork, resolved: ResolvedInstruction, variables: RunVariables): StepInputs {
	const { instruction, shell, flags, mounts } = resolved;
	const { redactor } = work;
	const isShellForm = instruction.json === undefined;
	const mounted = mounts.map(mount => mountStep(work, mount));
	const options = Object.entries(flags)
		.filter(([name]) => name !== 'mount' && name !== 'network').sort(([a], [b]) => a < b ? -1 : 1);
	const files = mounted.flatMap(mount => mount.files ?? []);
	const sources = mounted.flatMap(mount => mount.source ?? []);
	return {
		operation: redactor.json(['run', instruction.json ?? [...shell, commandOf(resolved)], mounted.map(mount => mount.key), options]),
		text: shownText(work, resolved),
		shell: isShellForm ? redactor.json(shell) : undefined,
		user: resolved.user || undefined,
		workdir: redactor.text(resolved.workdir),
		network: flags['network']?.[0] ?? (work.network === 'default' ? undefined : work.network),
		platform: platformOf(work, resolved),
		variables: variables.shown,
		fromArg: variables.fromArg,
		files: files.length === 0 ? undefined : files,
		sources: sources.length === 0 ? undefined : sources,
		uses: undefined, usesFromArg: undefined, remotes: undefined, linked: false,
	};
}

function platformOf(work: InputsWork, { instruction }: ResolvedInstruction): string {
	const ofStage = instruction.stage === undefined ? undefined : work.resolved.stages[instruction.stage]?.platform;
	return ofStage || work.platform || work.rules.platform;
}

/** What the shell is given, heredocs put in as `dispatchRun` does. */
function commandOf({ instruction, heredocs }: ResolvedInstruction): string {
	const [first] = instruction.heredocs;
	if (first === undefined) {
		return instruction.args;
	}
	if (/^\d*<<-?\s*\S+$/.test(instruction.args)) {
		const content = heredocs[0] ?? '';
		// A script of its own is mounted under the document's name.
		return content.startsWith('#!') ? `${first.name}\n${content}` : content;
	}
	return [instruction.args, ...instruction.heredocs.map(({ name, content }) => `${content}${name}`)].join('\n');
}

interface MountStep {
	readonly key: readonly string[];
	readonly files: FilesTaken | undefined;
	readonly source: ContentSource | undefined;
}

/** Options that say where something is read: content counts instead. */
const readingOptions = new Set(['from', 'source', 'src', 'type', 'target', 'dst', 'destination']);

function mountStep(work: InputsWork, mount: Mount): MountStep {
	const { type, target, source, from, options } = mount;
	const isCache = type === 'cache';
	const rest = Object.entries(options)
		.filter(([name]) => !readingOptions.has(name) && !(isCache && (name === 'id' || name === 'sharing')))
		.map(([name, value]) => `${name}=${value}`);
	const key = work.redactor.json([type, target ?? '', ...(type === 'secret' || type === 'ssh' ? [source ?? ''] : []), ...(isCache ? cacheIdentity(work, mount) : []), ...rest]);
	const path = source ?? '';
	return {
		key: [key],
		files: type === 'bind' && from?.kind === 'context' ? takeFiles(work, path, { excludes: [], takesPatterns: false }) : undefined,
		source: from === undefined || from.kind === 'context' ? undefined : contentSource(work, from, posix.join('/', path)),
	};
}

/** Newer BuildKits forget a cache mount's id in the key, except the default one's (exec.go, checkShouldClearCacheOpts). */
function cacheIdentity(work: InputsWork, { options, target }: Mount): readonly string[] {
	const id = options['id'] ?? posix.normalize(target ?? '');
	const sharing = options['sharing'] ?? 'shared';
	if (work.rules.generation === 'old') {
		return [id, sharing];
	}
	return id === target && sharing === 'shared' ? [id, sharing] : [];
}
