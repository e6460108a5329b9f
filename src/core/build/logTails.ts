import { plainText } from '../base/terminalText';
import type { BuildEvent } from './events';
import type { BuildRun } from './run';

const keptBytes = 16 * 1024;
const keptLines = 60;

/** The last output of each step, kept small however much a build says. */
export class LogTails {
	private readonly tails = new Map<string, Buffer>();
	/** Builders that write text: output belongs to the step under way. */
	private step = '';

	take(event: BuildEvent): void {
		if (event.kind === 'step' || event.kind === 'stageStep') {
			this.step = `step ${event.kind === 'stageStep' ? `${event.stage}/` : ''}${event.index}`;
			this.tails.delete(this.step);
		} else if (event.kind === 'log') {
			const key = event.vertex ?? this.step;
			const joined = Buffer.concat([this.tails.get(key) ?? Buffer.alloc(0), event.data]);
			this.tails.set(key, joined.length > keptBytes ? Buffer.from(joined.subarray(-keptBytes)) : joined);
		}
	}

	/** Plain text of the vertices' output, or of the last step's where there are none; undefined where it said nothing. */
	of(vertices: readonly string[]): string | undefined {
		const keys = vertices.length > 0 ? vertices : [this.step];
		const output = keys.map(key => this.tails.get(key)?.toString('utf8') ?? '').join('');
		const lines = plainText(output).trimEnd().split('\n').slice(-keptLines).join('\n');
		return lines === '' ? undefined : lines;
	}
}

/** The last output of the instructions that failed, by their index. */
export function failedTails({ steps }: BuildRun, tails: LogTails): ReadonlyMap<number, string> {
	return new Map(steps.filter(({ outcome }) => outcome === 'failed').flatMap(({ instruction, vertices }) => {
		const tail = tails.of(vertices);
		return tail === undefined ? [] : [[instruction, tail] as const];
	}));
}
