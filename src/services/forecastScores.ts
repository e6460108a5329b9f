import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
const current = 'scores.jsonl';

/**
 * The history of forecasts, a line each. Several windows append to one file; when it is long it is set aside under a name
 * of its own, and files set aside go whole once there are enough newer lines, so that no line is ever written twice.
 */
export class ForecastScores implements Disposable {
	private readonly _onDidChange = new Emitter<ScoredBuild>();
	readonly onDidChange: Event<ScoredBuild> = this._onDidChange.event;

	constructor(private readonly folder: string) {}

	async add(scored: ScoredBuild): Promise<void> {
		await mkdir(this.folder, { recursive: true });
		// Begun with a line feed, in case another writer was killed within its line.
		await appendFile(join(this.folder, current), `\n${JSON.stringify(scored)}\n`, { mode: 0o600 });
		await this.setAside();
		this._onDidChange.fire(scored);
	}

	/** Newest first. */
	async list(): Promise<readonly ScoredBuild[]> {
		const files = await Promise.all((await this.files()).map(name => this.read(name)));
		return files.flat().slice(0, 2 * mostKept);
	}

	dispose(): void {
		this._onDidChange.dispose();
	}

	private async setAside(): Promise<void> {
		if ((await this.read(current)).length < mostKept) {
			return;
		}
		const name = `scores-${Date.now().toString(16).padStart(12, '0')}-${randomBytes(4).toString('hex')}.jsonl`;
		// Another window may have done it meanwhile.
		await rename(join(this.folder, current), join(this.folder, name)).catch(() => undefined);
		let newer = 0;
		for (const file of await this.files()) {
			if (newer >= mostKept) {
				await rm(join(this.folder, file), { force: true });
			}
			newer += (await this.read(file)).length;
		}
	}

	/** Newest first. */
	private async files(): Promise<readonly string[]> {
		const names: readonly string[] = await readdir(this.folder).catch(() => []);
		return [...names.includes(current) ? [current] : [], ...names.filter(name => name.startsWith('scores-') && name.endsWith('.jsonl')).sort().reverse()];
	}

	/** Newest first. */
	private async read(name: string): Promise<readonly ScoredBuild[]> {
		const text = await readFile(join(this.folder, name), 'utf8').catch(() => '');
		return text.split('\n').flatMap(line => parse(line) ?? []).reverse();
	}
}

function parse(line: string): ScoredBuild | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null && 'recordId' in value && 'at' in value && 'score' in value ? value as ScoredBuild : undefined;
	} catch {
		// Half a line: its writer was killed. An empty one: the next writer's caution.
		return undefined;
	}
}
