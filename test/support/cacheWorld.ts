import { atOnce } from '../../src/core/base/slices';
import { ContextIndex, type ContextFile } from '../../src/core/cache/contextIndex';
import { explainBuild } from '../../src/core/cache/explain';
import { fingerprint } from '../../src/core/cache/fingerprint';
import { forecastBuild, type ForecastRequest } from '../../src/core/cache/forecast';
import { computeInputs } from '../../src/core/cache/inputs';
import type { InstructionInputs } from '../../src/core/cache/instructionInputs';
import { CacheKnowledge, type PastBuild, type StoredStep } from '../../src/core/cache/knowledge';
import type { ManifestEntry } from '../../src/core/cache/manifest';
import type { Forecast, Reason } from '../../src/core/cache/reason';
import { cacheRulesOf, type CacheRules } from '../../src/core/cache/rules';
import type { BaseImage } from '../../src/core/cache/stepRequest';
import type { Outcome } from '../../src/core/build/run';
import type { Builder } from '../../src/core/engine/engine';
import { parseDockerfile } from '../../src/core/dockerfile/parse';
import type { ResolvedDockerfile } from '../../src/core/dockerfile/resolved';
import { resolveDockerfile } from '../../src/core/dockerfile/resolve';

/** Content of a file, or more about it; a name that ends in `/` is a folder. */
export type ContextGiven = Readonly<Record<string, string | { readonly data?: string; readonly mode?: number; readonly link?: string }>>;

export interface WorldOptions {
	readonly builder?: Builder;
	readonly version?: string;
	readonly imageStore?: string;
	readonly bases?: Readonly<Record<string, Partial<BaseImage>>>;
}

export interface BuildOptions {
	readonly target?: string;
	readonly buildArgs?: Readonly<Record<string, string>>;
	readonly noCache?: boolean;
	readonly network?: 'default' | 'none' | 'host';
	readonly platform?: string;
	/** What the engine did, a letter an instruction (`r`an, `c`ached, `f`ailed, `n`ot run, `m`etadata); else what was foretold. */
	readonly outcomes?: string;
	readonly isOwn?: boolean;
	readonly results?: readonly (string | undefined)[];
}

/** An engine that does what is foretold, to test inputs, reasons and forecasts without one. */
export class CacheWorld {
	readonly past: PastBuild[] = [];
	readonly lost = new Set<string>();
	/** Results that the engine has upon a result, by the step's text, and nobody recorded. */
	readonly elsewhere = new Map<string, readonly string[]>();
	/** Results that a build under way made and holds. */
	readonly held = new Set<string>();
	private readonly manifests = new Map<string, readonly ManifestEntry[]>();
	readonly rules: CacheRules;
	bases: Record<string, BaseImage>;

	constructor(options: WorldOptions = {}) {
		const { builder = 'buildkit', version = '28.5.2', imageStore = 'overlay2' } = options;
		this.rules = cacheRulesOf({
			id: 'engine', name: 'engine', kind: 'docker', version, apiVersion: '1.51', hasBuildKit: true, imageStore, os: 'linux', architecture: 'amd64',
		}, builder)!;
		this.bases = Object.fromEntries(Object.entries({ 'base:1': {}, ...options.bases }).map(([name, image]) => [name, baseImage(name, image)]));
	}

	inputs(text: string, files: ContextGiven = {}, options: BuildOptions = {}): { readonly resolved: ResolvedDockerfile; readonly inputs: readonly InstructionInputs[] } {
		const context = contextOf(files);
		const platform = options.platform ?? this.rules.platform;
		const resolved = resolveDockerfile(parseDockerfile(text), {
			builder: this.rules.builder, bases: this.bases, platform, buildPlatform: this.rules.platform,
			...(options.target === undefined ? {} : { target: options.target }),
			...(options.buildArgs === undefined ? {} : { buildArgs: options.buildArgs }),
		});
		const { instructions, manifests, listing } = computeInputs({
			resolved, context, rules: this.rules, bases: this.bases, secretKey: 'test key', written: undefined,
			buildArgs: options.buildArgs ?? {}, network: options.network, platform: options.platform,
		});
		manifests.forEach(id => { this.manifests.set(id, atOnce(listing(id))!.entries); });
		return { resolved, inputs: instructions };
	}

	private get evidence(): { knowledge: CacheKnowledge; manifests: (id: string) => readonly ManifestEntry[] | undefined; pathLimit: number; isLost: (step: StoredStep) => boolean } {
		return {
			knowledge: new CacheKnowledge(this.past), pathLimit: 5,
			manifests: id => this.manifests.get(id),
			isLost: ({ key }) => this.lost.has(key),
		};
	}

	forecast(text: string, files: ContextGiven = {}, options: BuildOptions = {}): readonly (Forecast | undefined)[] {
		const { resolved, inputs } = this.inputs(text, files, options);
		return this.forecastOf(resolved, inputs, options.noCache);
	}

	forecastOf(resolved: ResolvedDockerfile, inputs: readonly InstructionInputs[], noCache = false): readonly (Forecast | undefined)[] {
		const elsewhere: ForecastRequest['elsewhere'] = ({ step }, parent) => this.elsewhere.get(`${parent} ${step.text}`) ?? this.elsewhere.get(step.text) ?? [];
		return forecastBuild({ ...this.evidence, resolved, inputs, builder: this.rules.builder, noCache, elsewhere, isHeld: result => this.held.has(result) });
	}

	/** Builds, and returns why what ran ran. */
	build(text: string, files: ContextGiven = {}, options: BuildOptions = {}): readonly (Reason | undefined)[] {
		const { inputs } = this.inputs(text, files, options);
		const foretold = this.forecast(text, files, options);
		const steps = inputs.map((own, index) => {
			const result = options.results?.[index];
			return { inputs: result === undefined ? own : { ...own, result }, outcome: outcomeOf(options.outcomes?.[index], foretold[index]?.kind, own) };
		});
		const build: PastBuild = {
			id: `build-${this.past.length}`, finishedAt: this.past.length, noCache: options.noCache ?? false, succeeded: true, isOwn: options.isOwn ?? true,
			builder: this.rules.builder, steps,
		};
		const reasons = explainBuild({ ...this.evidence, build });
		this.past.push(build);
		return reasons;
	}

	/** Builds what it says and forgets nothing: the short way to a state. */
	built(...args: Parameters<CacheWorld['build']>): this {
		this.build(...args);
		return this;
	}

	/** Forecast as text, one line an instruction that has a step. */
	draw(text: string, files: ContextGiven = {}, options: BuildOptions = {}): string {
		return this.drawn(text, this.forecast(text, files, options).map(said => said === undefined ? undefined : drawForecast(said)));
	}

	/** Reasons of a build as text. */
	drawBuild(text: string, files: ContextGiven = {}, options: BuildOptions = {}): string {
		return this.drawn(text, this.build(text, files, options).map(reason => reason === undefined ? undefined : drawReason(reason)));
	}

	private drawn(text: string, said: readonly (string | undefined)[]): string {
		const { instructions } = parseDockerfile(text);
		return said.flatMap((what, index) => what === undefined ? [] : [`${instructions[index]!.line} ${instructions[index]!.text} → ${what}`]).join('\n');
	}
}

export function contextOf(files: ContextGiven): ContextIndex {
	const paths = new Set(Object.keys(files).map(path => path.replace(/\/$/, '')));
	for (const path of [...paths]) {
		path.split('/').slice(0, -1).forEach((_, at, parts) => { paths.add([...parts, ''].slice(0, at + 1).join('/')); });
	}
	const contents = new Map<string, string>();
	const entries = [...paths].sort(inWalkOrder).map((path): ContextFile => {
		const given = files[path] ?? files[`${path}/`];
		if (given === undefined || `${path}/` in files) {
			return { path, kind: 'directory', mode: typeof given === 'object' ? given.mode ?? 0o755 : 0o755, size: 0, link: undefined };
		}
		const { data = '', mode = 0o644, link } = typeof given === 'string' ? { data: given } : given;
		if (link !== undefined) {
			return { path, kind: 'symlink', mode: 0o777, size: 0, link };
		}
		contents.set(path, data);
		return { path, kind: 'file', mode, size: data.length, link: undefined };
	});
	return new ContextIndex(entries, path => contents.has(path) ? fingerprint(contents.get(path)) : undefined);
}

const inWalkOrder = (a: string, b: string): number => {
	const [left, right] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
	return left < right ? -1 : left > right ? 1 : 0;
};

function baseImage(name: string, given: Partial<BaseImage>): BaseImage {
	return { id: `id of ${name}`, digests: [], diffIds: [`layers of ${name}`], env: {}, workdir: '', user: '', shell: undefined, onBuild: [], ...given };
}

function outcomeOf(letter: string | undefined, foretold: Forecast['kind'] | undefined, { step }: InstructionInputs): Outcome {
	const outcomes: Readonly<Record<string, Outcome>> = { r: 'ran', c: 'cached', f: 'failed', n: 'notRun', m: 'metadata' };
	return letter === undefined ? step === undefined ? 'metadata' : foretold === undefined ? 'notRun' : foretold === 'hit' ? 'cached' : 'ran' : outcomes[letter]!;
}

export function drawForecast(said: Forecast): string {
	switch (said.kind) {
		case 'hit':
			return 'hit';
		case 'miss':
			return `miss: ${drawReason(said.reason)}`;
		case 'depends':
			return said.elsewhere !== undefined ? `elsewhere, or ${drawReason(said.elsewhere)}` : said.isHeld ? 'depends on a build under way' : `depends on ${said.url ?? `line ${String(said.line)}`}${said.isBase ? ', which may have moved' : ''}`;
		case 'unknown':
			return 'unknown';
	}
}

export function drawReason(reason: Reason): string {
	switch (reason.kind) {
		case 'instructionChanged':
			return `${reason.what} was ${reason.before}${reason.what === 'text' ? '' : `, is ${reason.after}`} (line ${reason.line})`;
		case 'argumentChanged':
		case 'environmentChanged':
			return `${reason.kind} ${reason.name}: ${String(reason.before)} → ${String(reason.after)}`;
		case 'filesChanged':
			return ['filesChanged', ...reason.added.map(path => `+${path}`), ...reason.removed.map(path => `-${path}`),
				...reason.content.map(path => `~${path}`), ...reason.mode.map(path => `mode ${path}`), `(${String(reason.total)})`].join(' ');
		case 'baseChanged':
			return `baseChanged ${reason.reference}: ${reason.old} → ${reason.new}`;
		case 'parentMissed':
		case 'sourceStageRan':
			return `${reason.kind} ${reason.line}`;
		case 'remoteChanged':
			return `remoteChanged ${reason.url}`;
		default:
			return reason.kind;
	}
}
