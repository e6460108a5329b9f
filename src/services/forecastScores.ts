import { appendFile, mkdir, readFile, writeFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ForecastScore } from '../core/cache/score';
import type { Builder } from '../core/engine/engine';
import { Emitter, type Disposable, type Event } from '../core/base/event';

/** How the forecast of one build fared. */
export interface ScoredBuild {
	readonly recordId: string;
	readonly dockerfilePath: string;
	readonly builder: Builder;
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly score: ForecastScore;
}

const mostKept = 500;

/** The history of forecasts, a line each; appended to, so that several windows may write. */
export class ForecastScores implements Disposable {
	private readonly _onDidChange = new Emitter<ScoredBuild>();
	readonly onDidChange: Event<ScoredBuild> = this._onDidChange.event;

	constructor(private readonly file: string) {}

	async add(scored: ScoredBuild): Promise<void> {
		await mkdir(dirname(this.file), { recursive: true });
		await appendFile(this.file, `${JSON.stringify(scored)}\n`);
		const all = await this.list();
		if (all.length > 2 * mostKept) {
			const beside = `${this.file}.${String(process.pid)}`;
			await writeFile(beside, all.slice(0, mostKept).reverse().map(one => `${JSON.stringify(one)}\n`).join(''));
			await rename(beside, this.file);
		}
		this._onDidChange.fire(scored);
	}

	/** Newest first. */
	async list(): Promise<readonly ScoredBuild[]> {
		const text = await readFile(this.file, 'utf8').catch(() => '');
		return text.split('\n').flatMap(line => parse(line) ?? []).reverse();
	}

	dispose(): void {
		this._onDidChange.dispose();
	}
}

function parse(line: string): ScoredBuild | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null && 'recordId' in value && 'at' in value && 'score' in value ? value as ScoredBuild : undefined;
	} catch {
		// Half a line: the machine stopped while it was written.
		return undefined;
	}
}
