import type { ResolvedDockerfile } from '../dockerfile/resolved';
import type { RememberedBuild } from '../engine/records/rememberedBuilds';
import { decodeStatus } from './decodeStatus';
import type { BuildEvent } from './events';
import { finishRun, foldRun } from './foldRun';
import { LogTails } from './logTails';
import type { BuildRun } from './run';
import { startRun, type RunFold } from './runFold';

/** gRPC's code for what was given up. */
export const cancelledCode = 1;

export interface RememberedRun {
	readonly run: BuildRun;
	readonly fold: RunFold;
	readonly tails: LogTails;
	readonly events: readonly BuildEvent[];
}

/** A build that BuildKit remembers and that is over, as if it had been followed: from all that was told while it ran. `imageId`: of its image, where the engine has it. */
export function foldRemembered(build: RememberedBuild & { readonly finishedAt: number }, responses: readonly Uint8Array[], resolved: ResolvedDockerfile, imageId: string | undefined): RememberedRun {
	const { ref, startedAt, finishedAt, error } = build;
	const events = responses.flatMap(response => decodeStatus(response, finishedAt));
	const end: BuildEvent[] = error !== undefined
		? [{ kind: 'error', message: error.message, code: undefined, at: finishedAt }]
		: imageId === undefined ? [] : [{ kind: 'image', imageId, at: finishedAt }];
	const tails = new LogTails();
	events.forEach(event => { tails.take(event); });
	const fold = foldRun(startRun({ id: ref, builder: 'buildkit', resolved, startedAt }), [...events, ...end]);
	return { run: finishRun(fold, { at: finishedAt, isCancelled: error?.code === cancelledCode, failure: undefined }), fold, tails, events };
}
