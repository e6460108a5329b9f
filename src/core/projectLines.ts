import { alignInstructions, type Alignment } from './alignInstructions';
import type { BuildRecord, ImageBytes, LayerSize } from './build/record';
import type { BuildRun } from './build/run';
import { moveReason, readReason, type Forecast } from './cache/reason';
import type { Dockerfile } from './dockerfile/model';
import type { ResolvedDockerfile } from './dockerfile/resolved';
import type { Builder } from './engine/engine';
import type { ImageRow } from './image/historyRows';
import { stageChain, type HistoryMatch } from './image/matchHistory';
import { imageMakeup } from './imageMakeup';
import type { LineFacts, StageTotal } from './lineFacts';
import type { LineHistory } from './lineHistory';
import { withWaste, type ImageWaste } from './lineWaste';
import { staleLines } from './staleLines';

/** What is known of a Dockerfile; the first of run, record and history that there is speaks for every line. */
export interface LinesInput {
	/** The text as it is now, resolved with the options of what speaks for it, so that its target is the same. */
	readonly resolved: ResolvedDockerfile;
	/** A build under way, or one just finished whose record is not written yet. */
	readonly run?: { readonly run: BuildRun; readonly dockerfile: Dockerfile } | undefined;
	readonly record?: RecordOfLines | undefined;
	/** An image that this Dockerfile's text, as it was then, matches. */
	readonly history?: { readonly rows: readonly ImageRow[]; readonly match: HistoryMatch; readonly dockerfile: Dockerfile } | undefined;
	/** What the next build will do, by instruction of the text as it is now. */
	readonly forecast?: readonly (Forecast | undefined)[] | undefined;
	/** What the image that speaks wastes, where its layers were analysed. */
	readonly waste?: ImageWaste | undefined;
}

export interface RecordOfLines {
	readonly record: BuildRecord;
	readonly dockerfile: Dockerfile;
	/** By instruction of that text; left out where earlier builds are not read. */
	readonly histories?: readonly LineHistory[] | undefined;
}

/** What one source says of one instruction of its own text. */
type SaidOfLine = Pick<LineFacts, 'outcome' | 'durationMs' | 'size' | 'diffId' | 'reason' | 'history' | 'logTail'>;

interface Source {
	readonly kind: NonNullable<LineFacts['source']>;
	readonly builder: Builder;
	readonly dockerfile: Dockerfile;
	readonly said: (instruction: number) => SaidOfLine;
	readonly image: ImageBytes | undefined;
}

/**
 * The facts of every instruction as the text is now, in file order. Facts follow their instruction, not the line number;
 * those of an edited instruction and of what builds upon it stay, marked stale.
 */
export function projectLines(input: LinesInput): readonly LineFacts[] {
	const { resolved } = input;
	const { dockerfile } = resolved;
	const source = sourceOf(input);
	const alignment = source && alignInstructions(source.dockerfile, dockerfile);
	const stale = source && alignment ? staleLines(resolved, alignment, source.builder) : [];
	const lineNow = source && alignment ? nowOf(source.dockerfile, dockerfile, alignment) : () => undefined;
	const lines = dockerfile.instructions.map((instruction): LineFacts => {
		const before = alignment?.instructions[instruction.index]?.before;
		const said = before === undefined || source === undefined ? unsaid : source.said(before);
		return {
			instruction: instruction.index,
			line: instruction.line,
			endLine: instruction.endLine,
			stage: instruction.stage,
			stageName: instruction.stage === undefined ? undefined : dockerfile.stages[instruction.stage]?.name,
			keyword: instruction.keyword,
			text: instruction.text,
			source: before === undefined ? undefined : source?.kind,
			outcome: said.outcome,
			durationMs: said.durationMs,
			size: said.size,
			diffId: said.diffId,
			history: said.history,
			logTail: said.logTail,
			reason: said.reason && moveReason(said.reason, lineNow),
			stale: stale[instruction.index],
			forecast: input.forecast?.[instruction.index],
			waste: undefined,
			stageTotal: undefined,
			makeup: undefined,
		};
	});
	const { target } = resolved;
	const makeup = source && source.kind !== 'run' ? imageMakeup(resolved, lines, source.image) : undefined;
	const chain = target === undefined ? undefined : stageChain(resolved, target);
	for (const stage of dockerfile.stages) {
		const [from] = stage.instructions;
		if (from !== undefined && source !== undefined) {
			lines[from] = {
				...lines[from]!,
				stageTotal: totalOf(stage.instructions.slice(1).map(at => lines[at]!), resolved, chain?.includes(stage.index)),
				makeup: stage.index === target ? makeup : undefined,
			};
		}
	}
	return withWaste(lines, input.waste);
}

/** Where the instruction of a line of the earlier text stands now. */
function nowOf(before: Dockerfile, now: Dockerfile, { instructions }: Alignment): (line: number) => number | undefined {
	let lines: Map<number, number> | undefined;
	return line => {
		lines ??= new Map(instructions.flatMap((aligned, at) => aligned.before === undefined ? [] : [[before.instructions[aligned.before]!.line, now.instructions[at]!.line] as const]));
		return lines.get(line);
	};
}

const unsaid: SaidOfLine = { outcome: undefined, durationMs: undefined, size: undefined, diffId: undefined, reason: undefined, history: undefined, logTail: undefined };

function sourceOf({ run, record, history }: LinesInput): Source | undefined {
	if (run !== undefined) {
		const { builder, steps } = run.run;
		const said = (at: number): SaidOfLine => {
			const step = steps[at];
			return step === undefined ? unsaid : { ...unsaid, outcome: step.outcome, durationMs: step.durationMs };
		};
		return { kind: 'run', builder, dockerfile: run.dockerfile, said, image: undefined };
	}
	if (record !== undefined) {
		const lines = saidByRecord(record);
		return { kind: 'record', builder: record.record.builder, dockerfile: record.dockerfile, said: at => lines[at] ?? unsaid, image: record.record.image };
	}
	if (history !== undefined) {
		const { rows, match } = history;
		const said = (at: number): SaidOfLine => {
			const row = rows[match.rowOf.get(at) ?? -1];
			return row === undefined ? unsaid : { ...unsaid, size: sizeOf(row), diffId: row.diffId };
		};
		return { kind: 'history', builder: rows.at(-1)?.builder === 'buildkit' ? 'buildkit' : 'classic', dockerfile: history.dockerfile, said, image: bytesOf(rows, match) };
	}
	return undefined;
}

/** What was said last: a key press asks again for what a build said. */
const lastSaid = new WeakMap<BuildRecord, { readonly of: RecordOfLines; readonly lines: readonly SaidOfLine[] }>();

function saidByRecord(of: RecordOfLines): readonly SaidOfLine[] {
	const { record, dockerfile, histories } = of;
	const known = lastSaid.get(record);
	if (known?.of.dockerfile === dockerfile && known.of.histories === histories) {
		return known.lines;
	}
	// By line, not by place: a record may have been written by a version that read the text otherwise.
	const byLine = new Map(record.instructions.map(instruction => [instruction.line, instruction]));
	const lines = dockerfile.instructions.map(({ line }, at): SaidOfLine => {
		const recorded = byLine.get(line);
		if (recorded === undefined) {
			return unsaid;
		}
		const { outcome, durationMs, size, diffId, reason, logTail } = recorded;
		return { outcome, durationMs, size, diffId, reason: readReason(reason), history: histories?.[at], logTail };
	});
	lastSaid.set(record, { of, lines });
	return lines;
}

function bytesOf(rows: readonly ImageRow[], { baseRows }: HistoryMatch): ImageBytes {
	const sum = (some: readonly ImageRow[]): number => some.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
	return { totalBytes: sum(rows), baseBytes: sum(rows.slice(0, baseRows)) };
}

function sizeOf(row: ImageRow): LayerSize {
	return { bytes: row.sizeBytes, measure: 'history' };
}

function totalOf(lines: readonly LineFacts[], resolved: ResolvedDockerfile, inFinalImage: boolean | undefined): StageTotal {
	const sum = (values: readonly (number | undefined)[]): number | undefined => {
		const known = values.filter(value => value !== undefined);
		return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
	};
	return {
		bytes: sum(lines.map(({ size }) => size?.bytes)),
		partial: lines.some(({ instruction, size }) => size === undefined && resolved.instructions[instruction]!.layer),
		durationMs: sum(lines.map(({ durationMs }) => durationMs)),
		inFinalImage,
		stale: lines.some(({ stale }) => stale !== undefined),
	};
}
