import { atOnce, type Slices } from '../base/slices';
import { earlierResolve, rememberNotes, type EarlierResolve, type Resolution, type ResolveNotes, type TriggersNote } from './earlierResolve';
import { expand, type ExpandError } from './expand';
import { expandInstruction } from './expandInstruction';
import { layerKind } from './keyword';
import type { Dockerfile, DockerfileProblem, Instruction, Stage } from './model';
import { readMount } from './mount';
import { parseDockerfile } from './parse';
import type { ResolvedArg } from './resolveArg';
import { resolveArg } from './resolveArg';
import type { BaseConfig, CopySource, Mount, ResolvedDockerfile, ResolvedInstruction, ResolvedStage, ResolveOptions } from './resolved';
import type { Builder, Scope, Variables } from './scope';
import { baseScope, childScope, lookupIn, own, platformArgs, resolveWorkdir, withArgs, withEnv } from './scope';
import type { FromReading, StageEdge, StageNames } from './stages';
import { edgeProblems, reachable, readCopyFrom, readMountFrom, stageNames } from './stages';
import { VariableSet } from './variableSet';

/**
 * Follows variables and stages through a Dockerfile as the builder does (BuildKit dockerfile2llb/convert.go). Never
 * throws; what the builder would refuse stands in `problems`, and the text concerned stays as written. `before`: an earlier text's, of which
 * is taken over what is the same; the result does not depend on it.
 */
export function resolveDockerfile(dockerfile: Dockerfile, options: ResolveOptions, before?: ResolvedDockerfile): ResolvedDockerfile {
	return atOnce(resolvingDockerfile(dockerfile, options, before));
}

/** The same in slices. */
export function resolvingDockerfile(dockerfile: Dockerfile, options: ResolveOptions, before?: ResolvedDockerfile): Slices<ResolvedDockerfile> {
	return new Resolver(dockerfile, options, before).resolve();
}

/** Most lines take a microsecond or two; to yield at each would cost as much. */
const linesPerSlice = 16;

const none = VariableSet.none;
const emptyScope: Scope = { env: none, args: none, variables: none, workdir: '/', user: '', shell: ['/bin/sh', '-c'] };

class Resolver {
	private readonly builder: Builder;
	private readonly names: StageNames;
	private readonly instructions: ResolvedInstruction[] = [];
	private readonly stages: ResolvedStage[] = [];
	private readonly ends: Scope[] = [];
	private readonly edges: StageEdge[] = [];
	private readonly problems: DockerfileProblem[] = [];
	/** What FROM sees, and what an ARG without a value takes over. */
	private globals: VariableSet;

	private readonly earlier: EarlierResolve | undefined;
	private readonly noted: ResolveNotes;

	constructor(private readonly dockerfile: Dockerfile, private readonly options: ResolveOptions, before: ResolvedDockerfile | undefined) {
		this.earlier = earlierResolve(before, dockerfile, options);
		this.builder = options.builder ?? 'buildkit';
		this.names = stageNames(dockerfile.stages);
		const targetName = options.target || dockerfile.stages.at(-1)?.name?.toLowerCase() || 'default';
		const given = VariableSet.of(this.builder === 'classic' ? {} : platformArgs(options, targetName));
		this.globals = this.earlier?.globals.get('TARGETSTAGE') === given.get('TARGETSTAGE') ? this.earlier?.globals ?? given : given;
		this.noted = { options, globals: this.globals, notes: [], triggers: new Map() };
	}

	*resolve(): Slices<ResolvedDockerfile> {
		const { dockerfile, options } = this;
		for (const instruction of dockerfile.instructions.filter(({ stage }) => stage === undefined)) {
			this.resolveGlobal(instruction);
		}
		for (const stage of dockerfile.stages) {
			yield* this.resolveStage(stage);
		}
		this.problems.push(...edgeProblems(this.edges));
		const isDefaultTarget = options.target === undefined || options.target === '';
		const target = isDefaultTarget ? dockerfile.stages.at(-1)?.index : this.names.last(options.target ?? '');
		if (target === undefined && !isDefaultTarget) {
			const start = { line: 0, character: 0 };
			this.problems.push({ kind: 'unknownTarget', range: { start, end: start }, subject: options.target ?? '' });
		}
		const resolved = {
			dockerfile, stages: this.stages, instructions: this.instructions, target, needed: this.needed(target), problems: this.problems,
		};
		rememberNotes(resolved, this.noted);
		return resolved;
	}

	private needed(target: number | undefined): ReadonlySet<number> {
		if (target === undefined) {
			return new Set();
		}
		return this.builder === 'classic'
			? new Set(this.stages.slice(0, target + 1).map(({ index }) => index))
			: reachable([target], stage => this.stages[stage]!.dependsOn);
	}

	private resolveGlobal(instruction: Instruction): void {
		const { resolved, after } = this.resolveLine(instruction, { ...emptyScope, variables: this.globals });
		this.instructions.push(resolved);
		this.globals = after.variables;
	}

	private *resolveStage(stage: Stage): Slices<void> {
		const from = this.dockerfile.instructions[stage.instructions[0]!]!;
		const fromLine = this.resolveLine(from, { ...emptyScope, variables: this.globals }).resolved;
		const base = fromLine.words[0] ?? stage.base;
		const baseStage = this.names.before(base, stage.index);
		const isScratch = baseStage === undefined && base === 'scratch';
		const config = baseStage === undefined ? own(this.options.bases, base) : undefined;
		const platform = fromLine.flags['platform']?.[0] ?? (baseStage === undefined ? undefined : this.stages[baseStage]!.platform);
		let scope = baseStage === undefined
			? baseScope(config, isScratch, platform ?? this.options.platform, this.builder)
			: childScope(this.ends[baseStage]!, this.builder);
		this.instructions.push({ ...fromLine, ...scope });
		const firstEdge = this.edges.length;
		const { resolved: triggers, after } = this.resolveTriggers(stage.index, this.triggers(from, baseStage, config), scope);
		scope = after;
		for (let at = 1; at < stage.instructions.length; at++) {
			const { resolved, after } = this.resolveLine(this.dockerfile.instructions[stage.instructions[at]!]!, scope);
			this.instructions.push(resolved);
			scope = after;
			if (at % linesPerSlice === 0) {
				yield;
			}
		}
		this.ends.push(scope);
		if (baseStage !== undefined) {
			this.edges.push({ from: stage.index, to: baseStage, subject: base, range: from.range });
		}
		const reads = this.edges.slice(firstEdge).map(({ to }) => to).filter(to => to < stage.index);
		this.stages.push({
			index: stage.index, base, baseStage, isScratch, platform, triggers,
			isBaseKnown: isScratch || config !== undefined || (baseStage !== undefined && this.stages[baseStage]!.isBaseKnown),
			dependsOn: [...new Set(reads)].sort((a, b) => a - b),
		});
	}

	/** The base's triggers, placed at the FROM that runs them, as BuildKit reports them. */
	private triggers(from: Instruction, baseStage: number | undefined, config: BaseConfig | undefined): readonly Instruction[] {
		const written = baseStage === undefined
			? config === undefined ? [] : triggersOf(config)
			: this.dockerfile.stages[baseStage]!.instructions.map(index => this.dockerfile.instructions[index]!.trigger);
		const known = placedTriggers.get(from);
		if (known?.written.length === written.length && known.written.every((trigger, at) => trigger === written[at])) {
			return known.placed;
		}
		const { index, line, endLine, range, stage } = from;
		const placed = written.flatMap(trigger => trigger === undefined ? [] : [{ ...trigger, index, line, endLine, range, stage }]);
		placedTriggers.set(from, { written, placed });
		return placed;
	}

	private resolveTriggers(stage: number, triggers: readonly Instruction[], scope: Scope): TriggersNote {
		const known = this.earlier?.triggers(stage, triggers, scope);
		if (known !== undefined) {
			this.noted.triggers.set(stage, known);
			return known;
		}
		const said = this.said;
		let after = scope;
		const resolved: ResolvedInstruction[] = [];
		for (const trigger of triggers) {
			const one = this.resolveInstruction(trigger, after);
			resolved.push(one.resolved);
			after = one.after;
		}
		const found = { triggers, scope, resolved, after };
		if (said === this.said && !resolved.some(readsByName)) {
			this.noted.triggers.set(stage, found);
		}
		return found;
	}

	/** An instruction of the file itself. */
	private resolveLine(instruction: Instruction, scope: Scope): Resolution {
		const { globals } = this;
		const note = this.earlier?.find(instruction, scope, globals);
		if (note?.resolution !== undefined) {
			this.noted.notes.push(note);
			return note.resolution;
		}
		const said = this.said;
		const found = this.resolveInstruction(instruction, scope);
		this.noted.notes.push({ scope, globals, resolution: said === this.said && !readsByName(found.resolved) ? found : undefined });
		return found;
	}

	/** How much was said of the file as a whole: what an instruction adds to that is to be found anew each time. */
	private get said(): number {
		return this.problems.length + this.edges.length;
	}

	private resolveInstruction(instruction: Instruction, scope: Scope): Resolution {
		const { keyword } = instruction;
		const arg = keyword === 'ARG' ? this.argOf(instruction, scope) : undefined;
		const expanded = expandInstruction(instruction, lookupIn(scope.variables), this.dockerfile.escape);
		const { words, flags, heredocs } = expanded;
		const report = ({ subject }: ExpandError): void => { this.problems.push({ kind: 'invalidSubstitution', range: instruction.range, subject }); };
		expanded.errors.forEach(report);
		arg?.errors.forEach(report);
		const sets = arg?.values ?? expanded.sets;
		const after = arg === undefined ? scopeAfter(instruction, scope, words, sets) : withArgs(scope, sets, this.builder);
		const { mount } = flags;
		const also = new Set(arg?.unset);
		const mounts = keyword === 'RUN' && mount !== undefined ? this.mountsOf(instruction, mount, scope, also) : noMounts;
		const unset = also.size === 0 ? expanded.unset : [...new Set([...expanded.unset, ...also])];
		const resolved: ResolvedInstruction = {
			instruction, text: arg?.text ?? expanded.text, words, flags, heredocs, mounts, unset,
			layer: layerKind(keyword, after.workdir) === 'layer',
			env: scope.env, args: scope.args, variables: scope.variables, sets,
			workdir: scope.workdir, user: scope.user, shell: scope.shell,
			source: this.sourceOf(instruction, flags),
		};
		return { resolved, after };
	}

	private argOf(instruction: Instruction, scope: Scope): ResolvedArg {
		return resolveArg(instruction, scope.variables, {
			builder: this.builder,
			escape: this.dockerfile.escape,
			buildArgs: this.options.buildArgs,
			inherited: instruction.stage === undefined ? none : this.globals,
		});
	}

	private sourceOf(instruction: Instruction, flags: ResolvedInstruction['flags']): CopySource | undefined {
		if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') {
			return undefined;
		}
		const from = instruction.keyword === 'COPY' ? flags['from']?.[0] : undefined;
		return from === undefined || from === ''
			? { kind: 'context' } : this.follow(readCopyFrom(from, this.names, this.dockerfile.stages.length), from, instruction);
	}

	private mountsOf(instruction: Instruction, values: readonly string[], scope: Scope, unset: Set<string>): readonly Mount[] {
		return values.flatMap((value): readonly Mount[] => {
			const mount = readMount(value, scope.workdir, word => {
				const expanded = expand(word, lookupIn(scope.variables), { escape: this.dockerfile.escape });
				expanded.unset.forEach(name => unset.add(name));
				if (expanded.error !== undefined) {
					this.problems.push({ kind: 'invalidSubstitution', range: instruction.range, subject: expanded.error.subject });
				}
				return expanded.text;
			});
			if (mount === undefined) {
				return [];
			}
			const isEmpty = mount.from === undefined || mount.from === '' || mount.type === 'tmpfs';
			const from = isEmpty || (mount.type !== 'bind' && mount.type !== 'cache')
				? (mount.type === 'bind' ? { kind: 'context' as const } : undefined)
				: this.follow(readMountFrom(mount.from!, this.names), mount.from!, instruction);
			return [{ ...mount, from }];
		});
	}

	/** Notes that the instruction's stage reads another; undefined where it must not. */
	private follow(reading: FromReading, subject: string, { stage, range }: Instruction): CopySource | undefined {
		if (reading.kind === 'noStage') {
			this.problems.push({ kind: 'unknownStage', range, subject });
			return undefined;
		}
		if (reading.kind === 'image' || stage === undefined) {
			return reading;
		}
		this.edges.push({ from: stage, to: reading.stage, subject, range });
		return reading.stage < stage ? reading : undefined;
	}
}

const noMounts: readonly Mount[] = [];

/** Which stage or image a name means is for the rest of the file to say. */
function readsByName({ source, mounts }: ResolvedInstruction): boolean {
	return (source !== undefined && source.kind !== 'context') || mounts.some(({ from }) => from !== undefined && from.kind !== 'context');
}

/** By the FROM that runs them. While a file is typed in they stay the same, so that what they were found to be is known to hold. */
const placedTriggers = new WeakMap<Instruction, { readonly written: readonly (Instruction | undefined)[]; readonly placed: readonly Instruction[] }>();

const parsedTriggers = new WeakMap<BaseConfig, readonly (Instruction | undefined)[]>();

function triggersOf(config: BaseConfig): readonly (Instruction | undefined)[] {
	const parsed = parsedTriggers.get(config) ?? config.onBuild.map(text => parseDockerfile(text).instructions[0]);
	parsedTriggers.set(config, parsed);
	return parsed;
}

function scopeAfter(instruction: Instruction, scope: Scope, words: readonly string[], sets: Variables): Scope {
	const [word] = words;
	const { json } = instruction;
	switch (instruction.keyword) {
		case 'ENV':
			return withEnv(scope, sets);
		case 'WORKDIR':
			return word === undefined ? scope : { ...scope, workdir: resolveWorkdir(scope.workdir, word) };
		case 'USER':
			return word === undefined ? scope : { ...scope, user: word };
		case 'SHELL':
			return json === undefined || json.length === 0 ? scope : { ...scope, shell: json };
		default:
			return scope;
	}
}
