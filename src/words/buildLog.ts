import { formatDuration } from '../core/base/duration';
import { plainText, TerminalFilter } from '../core/base/terminalText';
import type { BuildEvent } from '../core/build/events';
import type { BuildRun, Outcome } from '../core/build/run';
import { cacheScore } from '../core/cacheScore';
import type { Dockerfile } from '../core/dockerfile/model';
import { cancelledWork } from './cancelledWork';
import { oneLine, outcomeWord, shorten } from './rows';
import type { Translate } from './translate';

const bold = (text: string): string => `\x1b[1m${text}\x1b[22m`;
const dim = (text: string): string => `\x1b[2m${text}\x1b[22m`;
const red = (text: string): string => `\x1b[31m${text}\x1b[39m`;
const green = (text: string): string => `\x1b[32m${text}\x1b[39m`;
const cyan = (text: string): string => `\x1b[36m${text}\x1b[39m`;
const yellow = (text: string): string => `\x1b[33m${text}\x1b[39m`;

/** Characters kept of one step's output; of more, the end tells more than the beginning. */
const longestStep = 1_000_000;

/**
 * The log of one run, written as it goes: a header for each step when it begins and when the output turns to it again,
 * what it prints with its colours, and how it ended. Output is a stranger's text: it passes a filter.
 */
export class BuildLogWriter {
	private readonly outcomes = new Map<number, Outcome>();
	private readonly outputs = new Map<string, { readonly filter: TerminalFilter; text: string; isCut: boolean }>();
	/** The step or other work whose output was written last. */
	private last: string | undefined;
	/** Text builders: the instruction under way. */
	private current: number | undefined;
	private atLineStart = true;
	private warnings = 0;

	constructor(private readonly dockerfile: Dockerfile, private readonly t: Translate) {}

	/** What these events and the run after them add to the log. */
	push(run: BuildRun, events: readonly BuildEvent[]): string {
		let text = '';
		const byVertex = new Map(run.steps.flatMap(({ instruction, vertices }) => vertices.map(vertex => [vertex, instruction] as const)));
		for (const event of events) {
			if (event.kind === 'step') {
				this.current = event.index;
			} else if (event.kind === 'log') {
				const instruction = event.vertex === undefined ? this.current : byVertex.get(event.vertex);
				text += this.output(instruction === undefined ? `vertex:${event.vertex ?? ''}` : stepKey(instruction), run, event);
			}
		}
		return text + this.endings(run) + this.newWarnings(run);
	}

	/** The last line of a finished run. */
	end(run: BuildRun): string {
		const { t } = this;
		const score = cacheScore(run.steps);
		const numbers = [
			...run.finishedAt === undefined ? [] : [formatDuration(run.finishedAt - run.startedAt)],
			...score === undefined ? [] : [t('{0}/{1} cached', score.cached, score.cacheable)],
		].join(' · ');
		const left = cancelledWork(run, this.dockerfile, t);
		const image = run.imageId === undefined ? '' : `${dim(run.imageId)}\r\n`;
		switch (run.state) {
			case 'succeeded':
				return `${this.freshLine()}\r\n${green(bold(t('Build succeeded')))} ${numbers}\r\n${image}`;
			case 'cancelled':
				return `${this.freshLine()}\r\n${yellow(bold(t('Build cancelled')))} ${numbers}\r\n${left === undefined ? '' : `${yellow(left)}\r\n`}`;
			case 'failed':
				return `${this.freshLine()}\r\n${red(bold(t('Build failed')))} ${numbers}\r\n${red(safeLines(run.error?.message ?? ''))}\r\n`;
			case 'running':
				return '';
		}
	}

	/** What one step printed, without colours. */
	stepText(instruction: number): string {
		const output = this.outputs.get(stepKey(instruction));
		const text = plainText(output?.text ?? '');
		return output?.isCut ? `${this.t('(the beginning was not kept)')}\n${text}` : text;
	}

	private output(key: string, run: BuildRun, { data }: BuildEvent & { readonly kind: 'log' }): string {
		let output = this.outputs.get(key);
		if (output === undefined) {
			output = { filter: new TerminalFilter(), text: '', isCut: false };
			this.outputs.set(key, output);
		}
		const text = output.filter.push(data);
		if (text === '') {
			return '';
		}
		output.text += text;
		if (output.text.length > longestStep) {
			output.text = output.text.slice(-longestStep / 2);
			output.isCut = true;
		}
		const header = key === this.last ? '' : this.header(key, run);
		this.last = key;
		this.atLineStart = /[\r\n]$/.test(text);
		return header + text;
	}

	private header(key: string, run: BuildRun): string {
		const instruction = instructionOf(key);
		const title = instruction === undefined
			? oneLine(run.others.find(({ vertex }) => `vertex:${vertex}` === key)?.name ?? '')
			: this.title(instruction);
		return title === '' ? this.freshLine() : `${this.freshLine()}${bold(title)}\r\n`;
	}

	/** Steps that began or ended with these events. */
	private endings(run: BuildRun): string {
		let text = '';
		for (const { instruction, outcome, durationMs } of run.steps) {
			const before = this.outcomes.get(instruction) ?? 'pending';
			if (before === outcome) {
				continue;
			}
			this.outcomes.set(instruction, outcome);
			const key = stepKey(instruction);
			const time = durationMs === undefined ? '' : ` ${formatDuration(durationMs)}`;
			switch (outcome) {
				case 'running':
					if (this.last !== key) {
						text += this.header(key, run);
						this.last = key;
					}
					break;
				case 'ran':
					text += this.ending(key, run, green(`✓${time}`));
					break;
				case 'failed':
					text += this.ending(key, run, red(`✗ ${outcomeWord(outcome, this.t)}${time}`));
					break;
				case 'cancelled':
				case 'unfinished':
					text += this.ending(key, run, yellow(`⊘ ${outcomeWord(outcome, this.t)}${time}`));
					break;
				case 'cached':
					text += `${this.freshLine()}${this.last === key ? '' : `${cyan(this.title(instruction))} `}${dim(outcomeWord(outcome, this.t))}\r\n`;
					this.last = undefined;
					break;
				case 'metadata':
				case 'notRun':
				case 'pending':
					break;
			}
		}
		return text;
	}

	private ending(key: string, run: BuildRun, mark: string): string {
		// Where other output came in between, the mark alone would be another step's.
		const header = this.last === key ? this.freshLine() : this.header(key, run);
		this.last = undefined;
		return `${header}${mark}\r\n`;
	}

	private newWarnings(run: BuildRun): string {
		const fresh = run.warnings.slice(this.warnings);
		this.warnings = run.warnings.length;
		return fresh.map(({ message, startLine }) => {
			const place = startLine === undefined ? '' : ` (${this.t('line {0}', startLine)})`;
			return `${this.freshLine()}${yellow(`⚠ ${oneLine(message)}${place}`)}\r\n`;
		}).join('');
	}

	private title(instruction: number): string {
		const found = this.dockerfile.instructions[instruction];
		if (found === undefined) {
			return '';
		}
		const stage = found.stage === undefined ? undefined : this.dockerfile.stages[found.stage];
		const place = this.dockerfile.stages.length > 1 && stage !== undefined ? `${oneLine(stage.name ?? stage.label)} ` : '';
		return `${place}${this.t('line {0}', found.line)} │ ${shorten(oneLine(found.text), 160)}`;
	}

	/** Ends a line that a step left open. */
	private freshLine(): string {
		const text = this.atLineStart ? '' : '\r\n';
		this.atLineStart = true;
		return text;
	}
}

function stepKey(instruction: number): string {
	return `step:${String(instruction)}`;
}

function instructionOf(key: string): number | undefined {
	return key.startsWith('step:') ? Number(key.slice('step:'.length)) : undefined;
}

function safeLines(message: string): string {
	return plainText(message).replace(/\n/g, '\r\n');
}
