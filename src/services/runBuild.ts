import type { BuildOptions } from '../core/build/buildOptions';
import { ContextError } from '../core/build/contextError';
import { decodeMessages } from '../core/build/decodeMessages';
import type { BuildEvent } from '../core/build/events';
import { finishRun, foldRun } from '../core/build/foldRun';
import { LogTails } from '../core/build/logTails';
import { packContext, type ContextSummary } from '../core/build/packContext';
import type { BuildFailure, BuildRun } from '../core/build/run';
import { startRun, type RunFold } from '../core/build/runFold';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { Builder, Engine, EngineInfo, LentToRun, RegistryCredential } from '../core/engine/engine';
import { isEngineError } from '../core/engine/engineError';
import { contextToSend, type BuildContext } from './buildContext';

/** A build about to begin, with all it needs. */
export interface BuildJob {
	readonly id: string;
	readonly engine: Engine;
	readonly kind: EngineInfo['kind'];
	readonly builder: Builder;
	readonly options: BuildOptions;
	readonly context: BuildContext;
	readonly resolved: ResolvedDockerfile;
	readonly credentials: Readonly<Record<string, RegistryCredential>>;
	readonly lent: LentToRun | undefined;
	readonly startedAt: number;
}

export interface BuildListener {
	/** The run so far; not more often than a screen can follow. */
	changed(run: BuildRun): void;
	/** Every event, as it comes. */
	received(event: BuildEvent): void;
}

export interface BuildOutcome {
	readonly run: BuildRun;
	readonly fold: RunFold;
	readonly context: ContextSummary;
	readonly tails: LogTails;
}

const coalesceMs = 50;
/** How long a cancelled build may take to say its last words. */
const lastWordsMs = 1000;

/** Runs a build to its end, whatever the end. Never throws: what goes wrong is the run's error. */
export async function runBuild(job: BuildJob, listener: BuildListener, signal: AbortSignal): Promise<BuildOutcome> {
	const { engine, builder, options, resolved } = job;
	const live = new LiveFold(startRun({ id: job.id, builder, resolved, startedAt: job.startedAt }), listener);
	const ending = new AbortController();
	const sending = contextToSend(job.context, builder, options.ownFrontend, ending.signal, job.kind);
	const { tar, summary } = packContext(sending.entries, {
		root: job.context.contextPath, contents: sending.contents, compress: !isLocal(engine.endpoint.url), signal: ending.signal,
	});
	let contextFailure: unknown;
	tar.on('error', error => { contextFailure ??= error; });
	const cancelling = onAbort(signal, () => cancel(job, live, ending));
	let failure: BuildFailure | undefined;
	try {
		const request = {
			builder, buildId: job.id, dockerfile: sending.dockerfile, tags: options.tags, target: options.target, buildArgs: options.buildArgs,
			labels: options.labels, noCache: options.noCache, pull: options.pull, platform: options.platform, network: options.network,
			credentials: job.credentials, lent: job.lent,
		};
		for await (const event of decodeMessages(engine.build(request, tar, ending.signal))) {
			live.take(event);
		}
		if (!live.isTold && !signal.aborted) {
			failure = failureOf(contextFailure, 'the stream ended before the build did');
		}
	} catch (error) {
		failure = signal.aborted ? undefined : failureOf(contextFailure ?? error, undefined);
	} finally {
		cancelling.dispose();
		tar.destroy();
	}
	const fold = live.end();
	const run = finishRun(fold, { at: Date.now(), isCancelled: signal.aborted, failure });
	return { run, fold, context: summary(), tails: live.tails };
}


/** The fold of a build under way. Events are folded in groups: a thousand lines of output are drawn once. */
class LiveFold {
	readonly tails = new LogTails();
	/** Whether the stream told the build's end. */
	isTold = false;
	private waiting: BuildEvent[] = [];
	private timer: NodeJS.Timeout | undefined;

	constructor(private fold: RunFold, private readonly listener: BuildListener) {
		listener.changed(fold.run);
	}

	get hasBegun(): boolean {
		return this.fold.vertices.size > 0 || this.fold.current !== undefined || this.waiting.length > 0;
	}

	take(event: BuildEvent): void {
		this.isTold ||= event.kind === 'image' || event.kind === 'error';
		this.tails.take(event);
		this.listener.received(event);
		this.waiting.push(event);
		this.timer ??= setTimeout(() => { this.foldWaiting(); }, coalesceMs);
	}

	end(): RunFold {
		this.foldWaiting();
		return this.fold;
	}

	private foldWaiting(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		const before = this.fold;
		this.fold = foldRun(before, this.waiting);
		this.waiting = [];
		if (this.fold.run !== before.run) {
			this.listener.changed(this.fold.run);
		}
	}
}

/** Ends the engine's work: BuildKit by asking, so that it tells what was finished; then, and else, by hanging up. */
async function cancel(job: BuildJob, live: LiveFold, ending: AbortController): Promise<void> {
	if (job.builder === 'buildkit' && live.hasBegun) {
		const timer = setTimeout(() => { ending.abort(); }, lastWordsMs);
		ending.signal.addEventListener('abort', () => { clearTimeout(timer); });
		await job.engine.cancelBuild(job.id).catch(() => { ending.abort(); });
	} else {
		ending.abort();
	}
}

function failureOf(error: unknown, fallback: string | undefined): BuildFailure {
	const message = error instanceof Error ? error.message : fallback ?? String(error);
	const failure = { message, instruction: undefined, line: undefined, exitCode: undefined };
	if (error instanceof ContextError) {
		return { ...failure, kind: 'context', context: { kind: error.kind, path: error.path } };
	}
	const isGone = error === undefined || (isEngineError(error) && (error.reason === 'unreachable' || error.reason === 'noEngine'));
	return { ...failure, kind: isGone ? 'engineGone' : 'other' };
}

function isLocal(url: string): boolean {
	return url.startsWith('unix:') || url.startsWith('npipe:');
}

function onAbort(signal: AbortSignal, run: () => Promise<void>): { dispose(): void } {
	const start = (): void => { void run(); };
	if (signal.aborted) {
		start();
	}
	signal.addEventListener('abort', start, { once: true });
	return { dispose: () => { signal.removeEventListener('abort', start); } };
}
