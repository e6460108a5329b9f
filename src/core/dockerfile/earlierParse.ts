import type { Range } from '../base/range';
import type { PhysicalLine } from './logicalLine';
import type { Dockerfile, DockerfileProblem, Instruction } from './model';
import { movedCopy } from './origin';

/** An instruction with what is wrong with it by itself. */
export interface ParsedInstruction {
	readonly instruction: Instruction;
	readonly found: readonly Pick<DockerfileProblem, 'kind' | 'subject'>[];
	/** Name of the heredoc that has no end. */
	readonly unterminated: string | undefined;
}

/** Where an instruction stands in a file. */
export interface InstructionPlace {
	readonly index: number;
	readonly stage: number | undefined;
}

interface Parse {
	readonly lines: readonly PhysicalLine[];
	/** By the first line, 0-based. */
	readonly instructions: readonly (ParsedInstruction | undefined)[];
}

const parses = new WeakMap<Dockerfile, Parse>();

/** Keeps what a later parse can take over. */
export function rememberParse(dockerfile: Dockerfile, lines: readonly PhysicalLine[], parsed: readonly ParsedInstruction[]): void {
	const instructions = new Array<ParsedInstruction | undefined>(lines.length);
	for (const one of parsed) {
		instructions[one.instruction.line - 1] = one;
	}
	parses.set(dockerfile, { lines, instructions });
}

/** The lines of an earlier text. */
export function earlierLines(before: Dockerfile | undefined): readonly PhysicalLine[] | undefined {
	return before && parses.get(before)?.lines;
}

/**
 * What an earlier parse of nearly the same text, with the same escape character, has of an instruction that begins at a
 * line, 0-based; `lines` took over the earlier ones. A key press changes a line of a thousand: of all the others the instructions are the same objects, or
 * copies in another place.
 */
export function earlierParse(before: Dockerfile, lines: readonly PhysicalLine[]): ((at: number, placeOf: (keyword: string) => InstructionPlace) => ParsedInstruction | undefined) | undefined {
	const parse = parses.get(before);
	if (parse === undefined) {
		return undefined;
	}
	const { lines: old, instructions } = parse;
	const most = Math.min(old.length, lines.length);
	let start = 0;
	while (start < most && old[start] === lines[start]) {
		start++;
	}
	let tail = 0;
	while (tail < most - start && old.at(-1 - tail) === lines.at(-1 - tail)) {
		tail++;
	}
	const moved = lines.length - old.length;
	return (at, placeOf) => {
		if (at < start) {
			const found = instructions[at];
			// One that ended with the file may go on in what follows now; else nothing but its own lines says where it ends.
			const end = found?.instruction.endLine ?? 0;
			return found === undefined || end > start || end === old.length ? undefined : placed(found, 0, placeOf(found.instruction.keyword));
		}
		// A byte order mark is one on the first line only.
		const found = at < lines.length - tail || at === 0 || at === moved ? undefined : instructions[at - moved];
		return found && placed(found, moved, placeOf(found.instruction.keyword));
	};
}

function placed(parsed: ParsedInstruction, moved: number, { index, stage }: InstructionPlace): ParsedInstruction {
	const { instruction } = parsed;
	return moved === 0 && instruction.index === index && instruction.stage === stage
		? parsed : { ...parsed, instruction: movedBy(instruction, moved, index, stage) };
}

function movedBy(instruction: Instruction, moved: number, index: number, stage: number | undefined): Instruction {
	const { range, line, endLine, flags, trigger } = instruction;
	return movedCopy(instruction, {
		...instruction, index, stage, line: line + moved, endLine: endLine + moved, range: rangeMovedBy(range, moved),
		flags: flags.length === 0 ? flags : flags.map(flag => ({ ...flag, range: rangeMovedBy(flag.range, moved) })),
		trigger: trigger && movedBy(trigger, moved, index, stage),
	});
}

function rangeMovedBy({ start, end }: Range, moved: number): Range {
	return { start: { line: start.line + moved, character: start.character }, end: { line: end.line + moved, character: end.character } };
}
