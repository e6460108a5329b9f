import type { Range } from '../base/range';
import { checkInstruction } from './checkInstruction';
import { readDirectives } from './directives';
import { earlierLines, earlierParse, rememberParse, type InstructionPlace, type ParsedInstruction } from './earlierParse';
import { splitFlags } from './flags';
import { heredocStarts, readHeredoc } from './heredoc';
import { readJsonForm } from './jsonForm';
import type { LogicalLine, PhysicalLine } from './logicalLine';
import { logicalLine, physicalLines, positionAt } from './logicalLine';
import type { Dockerfile, DockerfileProblem, Heredoc, Instruction, Stage } from './model';
import { isSpace, splitBySpace, trim, trimEnd } from './space';

/**
 * Reads a Dockerfile line by line as BuildKit's frontend does (frontend/dockerfile/parser). Never throws: whatever the
 * text, there is a model, and what the frontend would refuse stands in `problems`. `before`: an earlier text's, of which
 * is taken over what is the same; the result does not depend on it.
 */
export function parseDockerfile(text: string, before?: Dockerfile): Dockerfile {
	const lines = physicalLines(text, earlierLines(before));
	const { directives, escape, problems: directiveProblems } = readDirectives(lines);
	const earlier = before?.escape === escape ? earlierParse(before, lines) : undefined;
	const problems: DockerfileProblem[] = [...directiveProblems];
	const parsed: ParsedInstruction[] = [];
	const stages: MutableStage[] = [];
	const placeOf = (keyword: string): InstructionPlace => {
		const stage = keyword === 'FROM' ? stages.length : stages.length - 1;
		return { index: parsed.length, stage: stage < 0 ? undefined : stage };
	};
	const report = ({ range }: Instruction, kind: DockerfileProblem['kind'], subject: string): void => { problems.push({ kind, range, subject }); };
	for (let at = 0; at < lines.length;) {
		const one = earlier?.(at, placeOf) ?? readInstruction(lines, at, escape, placeOf);
		if (one === undefined) {
			at++;
			continue;
		}
		const { instruction, found, unterminated } = one;
		at = instruction.endLine;
		parsed.push(one);
		if (instruction.keyword === 'FROM') {
			stages.push(startStage(instruction, stages.length));
		} else {
			stages.at(-1)?.instructions.push(instruction.index);
		}
		for (const { kind, subject } of found) {
			report(instruction, kind, subject);
		}
		if (stages.length === 0 && instruction.keyword !== 'ARG') {
			report(instruction, 'noFrom', instruction.keyword);
		}
		if (unterminated !== undefined) {
			report(instruction, 'unterminatedHeredoc', unterminated);
		}
	}
	const instructions = parsed.map(({ instruction }) => instruction);
	problems.push(...duplicateStages(stages, instructions), ...wholeFileProblems(text, lines, instructions, stages));
	const dockerfile: Dockerfile = { text, directives, escape, instructions, stages, problems };
	rememberParse(dockerfile, lines, parsed);
	return dockerfile;
}

/** The instruction that begins at a line; undefined where that line is blank or a comment. */
function readInstruction(lines: readonly PhysicalLine[], at: number, escape: '\\' | '`', placeOf: (keyword: string) => InstructionPlace): ParsedInstruction | undefined {
	const line = logicalLine(lines, at, escape);
	if (line === undefined) {
		return undefined;
	}
	const words = splitInstruction(line, 0, escape);
	const { heredocs, next, unterminated } = readHeredocs(words, line, lines);
	const instruction = instructionOf(words, line, { ...placeOf(words.keyword), firstLine: line.first, nextLine: next, lines, heredocs, escape });
	return { instruction, found: problemsOf(instruction, escape), unterminated };
}

type MutableStage = Stage & { readonly instructions: number[] };

interface Place extends InstructionPlace {
	readonly firstLine: number;
	readonly nextLine: number;
	readonly lines: readonly PhysicalLine[];
	readonly heredocs: readonly Heredoc[];
	readonly escape: '\\' | '`';
}

/** Keyword, flags and arguments of a line, as offsets into the joined text. */
interface InstructionWords {
	readonly keyword: string;
	readonly start: number;
	/** Everything after the keyword, flags included, trimmed. */
	readonly rest: string;
	readonly flags: ReturnType<typeof splitFlags>['flags'];
	readonly args: string;
	readonly argsStart: number;
}

function splitInstruction(line: LogicalLine, from: number, escape: string): InstructionWords {
	const text = trimEnd(line.text);
	let start = from;
	while (start < text.length && isSpace(text[start]!)) {
		start++;
	}
	let end = start;
	while (end < text.length && !/[\t\v\f\r ]/.test(text[end]!)) {
		end++;
	}
	const { flags, rest } = splitFlags(text, end, escape);
	const args = trim(text.slice(rest));
	return {
		keyword: text.slice(start, end).toUpperCase(), start, rest: trim(text.slice(end)), flags, args,
		argsStart: text.length - args.length,
	};
}

function readHeredocs(words: InstructionWords, line: LogicalLine, lines: readonly PhysicalLine[]): {
	heredocs: readonly Heredoc[]; next: number; unterminated: string | undefined;
} {
	const heredocs: Heredoc[] = [];
	let next = line.next;
	let unterminated: string | undefined;
	if (takesHeredocs(words.keyword, words.args)) {
		for (const start of heredocStarts(line.text)) {
			const read = readHeredoc(start, lines, next);
			heredocs.push(read.heredoc);
			next = read.next;
			unterminated ??= read.terminated ? undefined : start.name;
		}
	}
	return { heredocs, next, unterminated };
}

function takesHeredocs(keyword: string, args: string): boolean {
	switch (keyword) {
		case 'RUN':
		case 'COPY':
		case 'ADD':
			return args.includes('<<') && !Array.isArray(readJsonForm(args));
		case 'ONBUILD':
			return /^(run|copy|add)[\t\v\f\r ]/i.test(args) && takesHeredocs('RUN', args.replace(/^\w+[\t\v\f\r ]+/, ''));
		default:
			return false;
	}
}

function instructionOf(words: InstructionWords, line: LogicalLine, place: Place, isTrigger = false): Instruction {
	const { keyword, args } = words;
	const last = place.nextLine - 1;
	const json = jsonOf(keyword, args);
	return {
		index: place.index,
		keyword,
		range: {
			start: positionAt(line, words.start, false),
			end: { line: last, character: place.lines[last]!.text.length },
		},
		line: place.firstLine + 1,
		endLine: place.nextLine,
		stage: place.stage,
		text: words.rest === '' ? keyword : `${keyword} ${words.rest}`,
		flags: words.flags.map(flag => ({
			name: flag.name,
			value: flag.value,
			range: { start: positionAt(line, flag.start, false), end: positionAt(line, flag.end, true) },
		})),
		args,
		json: json === 'notStrings' ? undefined : json,
		heredocs: place.heredocs,
		trigger: keyword !== 'ONBUILD' || isTrigger || args === '' ? undefined
			: instructionOf(splitInstruction(line, words.argsStart, place.escape), line, place, true),
	};
}

function jsonOf(keyword: string, args: string): readonly string[] | 'notStrings' | undefined {
	switch (keyword) {
		case 'ADD':
		case 'CMD':
		case 'COPY':
		case 'ENTRYPOINT':
		case 'RUN':
		case 'SHELL':
		case 'VOLUME':
			return readJsonForm(args);
		case 'HEALTHCHECK':
			return readJsonForm(args.replace(/^\S+/, ''));
		default:
			return undefined;
	}
}

function problemsOf(instruction: Instruction, escape: '\\' | '`'): ReturnType<typeof checkInstruction> {
	const own = jsonOf(instruction.keyword, instruction.args) === 'notStrings'
		? [{ kind: 'invalidJson' as const, subject: instruction.args }] : checkInstruction(instruction, escape);
	const trigger = instruction.trigger;
	return trigger === undefined || own.length > 0 ? own : problemsOf(trigger, escape);
}

function startStage(from: Instruction, index: number): MutableStage {
	const [base = '', as, name] = splitBySpace(from.args);
	const given = as !== undefined && /^as$/i.test(as) ? name : undefined;
	return { index, name: given, label: given?.toLowerCase() ?? `stage-${index}`, base, instructions: [from.index] };
}

function duplicateStages(stages: readonly Stage[], instructions: readonly Instruction[]): readonly DockerfileProblem[] {
	const seen = new Set<string>();
	return stages.flatMap(({ name, instructions: [from] }) => {
		const key = name?.toLowerCase();
		if (key === undefined || !seen.has(key)) {
			seen.add(key ?? '');
			return [];
		}
		return [{ kind: 'duplicateStage' as const, range: instructions[from!]!.range, subject: name! }];
	});
}

function wholeFileProblems(
	text: string, lines: readonly PhysicalLine[], instructions: readonly Instruction[], stages: readonly Stage[],
): readonly DockerfileProblem[] {
	const problems: DockerfileProblem[] = [];
	const binary = lines.findIndex(line => line.text.includes('\0'));
	if (binary >= 0) {
		const character = lines[binary]!.text.indexOf('\0');
		problems.push({
			kind: 'binary', subject: '',
			range: { start: { line: binary, character }, end: { line: binary, character: character + 1 } },
		});
	}
	const start: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
	if (instructions.length === 0) {
		problems.push({ kind: 'empty', range: start, subject: '' });
	} else if (stages.length === 0 && instructions.every(({ keyword }) => keyword === 'ARG')) {
		problems.push({ kind: 'noFrom', range: instructions.at(-1)!.range, subject: '' });
	}
	return text === '' ? problems.filter(({ kind }) => kind === 'empty') : problems;
}
