import type { BuildEvent } from '../core/build/events';
import { cancelledCode, foldRemembered } from '../core/build/foldRemembered';
import type { BuildRecord } from '../core/build/record';
import type { BuildRun } from '../core/build/run';
import type { Dockerfile } from '../core/dockerfile/model';
import { parseDockerfile } from '../core/dockerfile/parse';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import type { Engine } from '../core/engine/engine';

/** Any other of gRPC's. */
const failedCode = 2;

/** How a build of the command line went, with all that it printed, as BuildKit remembers it. Throws `EngineError`: `notFound` where it is forgotten. */
export async function readRememberedRun(engine: Engine, record: BuildRecord, signal: AbortSignal): Promise<{ readonly run: BuildRun; readonly events: readonly BuildEvent[]; readonly dockerfile: Dockerfile }> {
	const { id: ref, state, startedAt, durationMs, error, imageId, options, text } = record;
	const dockerfile = parseDockerfile(text);
	const resolved = resolveDockerfile(dockerfile, { builder: 'buildkit', target: options.target, buildArgs: options.buildArgs, platform: options.platform });
	const build = {
		ref, startedAt, finishedAt: startedAt + durationMs, attributes: {}, tags: options.tags, images: [], provenance: undefined, errorDetails: undefined,
		// Of what was cancelled the record has no error.
		error: state === 'cancelled' ? { code: cancelledCode, message: '' } : error && { code: failedCode, message: error.message },
	};
	const { run, events } = foldRemembered(build, await engine.rememberedStatus(ref, signal), resolved, imageId);
	return { run, events, dockerfile };
}
