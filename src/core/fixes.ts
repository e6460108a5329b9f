import type { ResolvedDockerfile, ResolvedInstruction } from './dockerfile/resolved';
import type { Builder } from './engine/engine';
import { alone, joinedRuns, onlyCleans, plainRun, type JoinedPart } from './fixText';
import { cacheMountFixes, cleanFixes } from './leftoverFixes';
import type { LineFacts } from './lineFacts';

/** A change of a Dockerfile's lines: everything from the first character of `line` to the end of `endLine`. 1-based. */
export interface LineEdit {
	readonly line: number;
	readonly endLine: number;
	/** Undefined removes the lines. */
	readonly text: string | undefined;
}

/**
 * A change that makes the image smaller and leaves what it does as it is. `joinRuns`: RUN lines become one, so that
 * what a later one removes never reaches a layer. `cleanHere`: the line removes its own leftovers. `cacheMount`: they go
 * into a cache of the builds instead. `copyFlag`: a COPY sets mode or owner itself. `ignore`: the build context leaves
 * files out. `noRecommends`: apt installs only what is needed.
 */
export interface Fix {
	readonly kind: 'joinRuns' | 'cleanHere' | 'cacheMount' | 'copyFlag' | 'ignore' | 'noRecommends';
	/** 1-based line of the problem it mends. */
	readonly line: number;
	/** The last line it joins or removes; the same as `line` where it is about one. */
	readonly lastLine: number;
	/** Bytes of file content that the image will not have any more, as measured; undefined where only a build can tell. */
	readonly savesBytes: number | undefined;
	readonly edits: readonly LineEdit[];
	/** Patterns to add to .dockerignore. */
	readonly ignore: readonly string[];
	/** The word that tells it apart: a command, a flag, a pattern. */
	readonly subject: string;
}

/** What can safely be done about the waste of each line, by the builder that made it. Only for lines that are as they were built. */
export function fixesOf(resolved: ResolvedDockerfile, lines: readonly LineFacts[], builder: Builder | undefined): readonly Fix[] {
	return lines.flatMap(facts => {
		const instruction = resolved.instructions[facts.instruction];
		return instruction === undefined || facts.waste === undefined || facts.stale !== undefined ? [] : [
			...joinFix(resolved, lines, facts),
			...cleanFixes(resolved, instruction, facts),
			...cacheMountFixes(resolved, lines, facts, builder),
			...copyFix(resolved, lines, facts, builder),
			...ignoreFixes(instruction, facts),
			...recommendsFix(instruction, facts),
		];
	});
}

/**
 * RUN lines from the one that adds to the one that removes. A WORKDIR between becomes `cd` and stands after them, a COPY
 * goes below where what follows it in the joined line only cleans elsewhere.
 */
function joinFix(resolved: ResolvedDockerfile, lines: readonly LineFacts[], facts: LineFacts): readonly Fix[] {
	const last = Math.max(...facts.waste!.burials.map(({ line }) => line ?? 0));
	const to = lines.find(({ line }) => line === last);
	if (to === undefined || to.instruction <= facts.instruction || facts.keyword !== 'RUN' || to.keyword !== 'RUN') {
		return [];
	}
	const group = resolved.instructions.slice(facts.instruction, to.instruction + 1);
	const [first] = group;
	const parts: JoinedPart[] = [];
	const below: string[] = [];
	let workdir: string | undefined;
	for (const one of group) {
		const { instruction } = one;
		const isSameStage = instruction.stage === first!.instruction.stage && one.shell.join(' ') === first!.shell.join(' ') && one.user === first!.user;
		const facts = lines[instruction.index]!;
		if (!isSameStage || facts.stale !== undefined) {
			return [];
		}
		if (instruction.keyword === 'RUN') {
			parts.push({ kind: 'run', instruction });
		} else if (instruction.keyword === 'WORKDIR' && /^[\w./-]+$/.test(instruction.args)) {
			workdir = sourceLines(resolved, facts);
			parts.push({ kind: 'enter', folder: instruction.args });
		} else if (canMoveBelow(one, group)) {
			below.push(sourceLines(resolved, facts));
		} else {
			return [];
		}
	}
	const joined = joinedRuns(parts, resolved.dockerfile);
	if (joined === undefined) {
		return [];
	}
	// Whatever any of them buries of any other goes too.
	const together = new Set(group.map(({ instruction }) => instruction.line));
	const saves = group.flatMap(({ instruction: { index } }) => lines[index]!.waste?.burials ?? [])
		.filter(({ line }) => line !== undefined && together.has(line)).reduce((sum, { bytes }) => sum + bytes, 0);
	const text = [joined, ...below, ...workdir === undefined ? [] : [workdir]].join('\n');
	return [{ kind: 'joinRuns', line: facts.line, lastLine: to.line, savesBytes: saves, edits: [{ line: facts.line, endLine: to.endLine, text }], ignore: [], subject: '' }];
}

/** A COPY to an absolute path, after which the group only cleans, and not there. */
function canMoveBelow({ instruction, words }: ResolvedInstruction, group: readonly ResolvedInstruction[]): boolean {
	const destination = words.at(-1);
	return (instruction.keyword === 'COPY' || instruction.keyword === 'ADD') && instruction.heredocs.length === 0
		&& destination?.startsWith('/') === true
		&& group.every(later => later.instruction.index <= instruction.index || (later.instruction.keyword === 'RUN' && onlyCleans(later.instruction.args, destination)));
}

/** `COPY …` and after it `RUN chmod` or `RUN chown` of all that it copied. */
function copyFix(resolved: ResolvedDockerfile, lines: readonly LineFacts[], facts: LineFacts, builder: Builder | undefined): readonly Fix[] {
	return facts.waste!.causes.flatMap((cause): readonly Fix[] => {
		const copy = cause.kind === 'metadataCopy' ? lines.find(({ line }) => line === cause.firstLine) : undefined;
		const from = copy && resolved.instructions[copy.instruction];
		const run = resolved.instructions[facts.instruction]!;
		const flag = changeOf(run.instruction.args);
		if (copy?.keyword !== 'COPY' || from === undefined || flag === undefined || flag.name in from.flags) {
			return [];
		}
		// Only BuildKit's COPY sets a mode.
		if (flag.name === 'chmod' && builder === 'classic') {
			return [];
		}
		// All that the line copied, and nothing that ran between could have made the user or the files.
		const between = resolved.instructions.slice(copy.instruction + 1, facts.instruction);
		if (cause.bytes !== copy.waste?.layerBytes || plainRun(run.instruction) === undefined || between.some(({ layer }) => layer) || copy.stale !== undefined) {
			return [];
		}
		const source = sourceLines(resolved, copy);
		const text = source.replace(/^\s*COPY\b/i, keyword => `${keyword} --${flag.name}=${flag.value}`);
		return [{
			kind: 'copyFlag', line: facts.line, lastLine: copy.line, savesBytes: cause.wastedBytes, subject: `--${flag.name}=${flag.value}`, ignore: [],
			edits: [{ line: copy.line, endLine: copy.endLine, text }, { line: facts.line, endLine: facts.endLine, text: undefined }],
		}];
	});
}

/** A RUN that is nothing but one chmod by number or one chown, as the flag that does the same. */
function changeOf(args: string): { readonly name: 'chmod' | 'chown'; readonly value: string } | undefined {
	const [, name, value = ''] = /^(chmod|chown)\s+(?:-R\s+|--recursive\s+)?([\w:-]+)(?:\s+[^\s;&|<>$`]+)+$/.exec(args) ?? [];
	if (name === 'chmod') {
		return /^[0-7]{3,4}$/.test(value) ? { name, value } : undefined;
	}
	const [, user, group] = /^([\w-]+)(?::([\w-]+))?$/.exec(value) ?? [];
	// chown of a user alone leaves the group that COPY gave; the flag would take the user's number for it.
	return name === undefined || user === undefined ? undefined : { name: 'chown', value: `${user}:${group ?? '0'}` };
}

function ignoreFixes({ instruction: { keyword }, source }: ResolvedInstruction, { waste, line }: LineFacts): readonly Fix[] {
	return (keyword !== 'COPY' && keyword !== 'ADD') || source?.kind !== 'context' ? [] : waste!.causes.flatMap(({ kind, bytes }) => {
		const pattern = kind === 'gitFolder' ? '**/.git' : kind === 'nodeModules' ? '**/node_modules' : undefined;
		return pattern === undefined ? [] : [{ kind: 'ignore' as const, line, lastLine: line, savesBytes: bytes, edits: [], ignore: [pattern], subject: pattern }];
	});
}

function recommendsFix({ instruction }: ResolvedInstruction, { line, endLine, waste }: LineFacts): readonly Fix[] {
	const isApt = alone(instruction.args, /\bapt(?:-get)?\s+(?:-\S+\s+)*install\b/);
	if (plainRun(instruction) === undefined || !isApt || instruction.args.includes('--no-install-recommends') || waste!.layerBytes === 0) {
		return [];
	}
	const text = instruction.text.replace(/\b(apt(?:-get)?\s+(?:-\S+\s+)*install)\b/g, '$1 --no-install-recommends');
	// Continuations are kept where the command stands whole on one line.
	return instruction.line !== instruction.endLine ? [] : [{
		kind: 'noRecommends', line, lastLine: line, savesBytes: undefined, edits: [{ line, endLine, text }], ignore: [], subject: '--no-install-recommends',
	}];
}

function sourceLines({ dockerfile }: ResolvedDockerfile, { line, endLine }: Pick<LineFacts, 'line' | 'endLine'>): string {
	return dockerfile.text.split(/\r?\n/).slice(line - 1, endLine).join('\n');
}
