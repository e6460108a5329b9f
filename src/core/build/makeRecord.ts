import type { ResolvedDockerfile } from '../dockerfile/resolved';
import type { BuildOptions } from './buildOptions';
import type { BuiltImage } from './builtSizes';
import type { ContextSummary } from './packContext';
import type { BuildRecord } from './record';
import type { BuildRun } from './run';

/** All that is known of a finished build. */
export interface FinishedBuild {
	readonly run: BuildRun;
	readonly resolved: ResolvedDockerfile;
	readonly engineId: string;
	readonly options: BuildOptions;
	/** As they may be stored. */
	readonly buildArgs: Readonly<Record<string, string>>;
	/** Undefined where others sent it. */
	readonly context: ContextSummary | undefined;
	/** Undefined where there is none, or it could not be read. */
	readonly image: BuiltImage | undefined;
	readonly logTails: ReadonlyMap<number, string>;
	/** By instruction: what it depended on and why it ran, as core/cache knows it. */
	readonly insights: readonly BuildInsight[];
	readonly origin?: BuildRecord['origin'];
}

export interface BuildInsight {
	readonly inputs: unknown;
	readonly reason: unknown;
}

/** What is kept of a finished build. */
export function makeRecord(build: FinishedBuild): BuildRecord {
	const { run, resolved, options, context } = build;
	return {
		version: 2,
		id: run.id,
		engineId: build.engineId,
		builder: run.builder,
		dockerfilePath: options.dockerfilePath,
		contextPath: options.contextPath,
		options: {
			target: options.target, tags: options.tags, buildArgs: build.buildArgs, noCache: options.noCache,
			platform: options.platform, network: options.network,
		},
		state: run.state === 'running' ? 'failed' : run.state,
		startedAt: run.startedAt,
		durationMs: (run.finishedAt ?? run.startedAt) - run.startedAt,
		contextBytes: context?.bytes,
		contextFiles: context?.files,
		imageId: run.imageId,
		image: build.image && { totalBytes: build.image.totalBytes, baseBytes: build.image.baseBytes },
		error: run.error,
		warnings: run.warnings.map(({ message, detail, url, startLine, endLine }) => ({ message, detail, url, startLine, endLine })),
		text: resolved.dockerfile.text,
		instructions: resolved.dockerfile.instructions.map(({ index, line, endLine, stage, keyword, text }) => {
			const { outcome, startedAt, durationMs } = run.steps[index]!;
			const layer = build.image?.layers.get(index);
			return {
				line, endLine, stage, keyword, text, outcome, durationMs,
				startedAt: run.builder === 'buildkit' ? startedAt : undefined,
				size: layer?.size, diffId: layer?.diffId, logTail: build.logTails.get(index),
				inputs: build.insights[index]?.inputs, reason: build.insights[index]?.reason,
			};
		}),
		...build.origin === undefined ? {} : { origin: build.origin },
	};
}
