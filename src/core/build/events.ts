/**
 * What happens in a build, whichever builder runs it: BuildKit's trace, the classic builder's text and a replay all
 * become these. Times are milliseconds since the epoch: the daemon's clock for vertices, arrival for classic steps.
 */
export type BuildEvent =
	| VertexEvent
	| { readonly kind: 'status'; readonly vertex: string; readonly id: string; readonly name: string; readonly current: number; readonly total: number; readonly completedAt: number | undefined }
	/** Output of a step. `vertex` is undefined in classic builds: the output belongs to the step under way. */
	| { readonly kind: 'log'; readonly vertex: string | undefined; readonly stream: 'out' | 'error'; readonly data: Uint8Array; readonly at: number }
	| BuildWarning
	/** Classic: `Step n/m : text`. `index` is 0-based over all instructions. */
	| { readonly kind: 'step'; readonly index: number; readonly total: number; readonly text: string; readonly at: number }
	/** Classic: `---> Using cache`. */
	| { readonly kind: 'stepCached'; readonly at: number }
	/** Classic: `---> <image id>`, the image after the step. */
	| { readonly kind: 'stepImage'; readonly imageId: string; readonly at: number }
	/** Podman: a step named within its stage. */
	| { readonly kind: 'stageStep'; readonly stage: number | undefined; readonly index: number; readonly total: number; readonly text: string; readonly at: number }
	/** All is built: the last word of a build that succeeds. */
	| { readonly kind: 'image'; readonly imageId: string; readonly at: number }
	| { readonly kind: 'error'; readonly message: string; readonly code: number | undefined; readonly at: number };

/** BuildKit's `Vertex` (api/services/control/control.proto). Later events of one digest add to earlier ones. */
export interface VertexEvent {
	readonly kind: 'vertex';
	readonly digest: string;
	readonly inputs: readonly string[];
	readonly name: string;
	readonly cached: boolean;
	readonly startedAt: number | undefined;
	readonly completedAt: number | undefined;
	readonly error: string | undefined;
	readonly group: string | undefined;
}

/** BuildKit's `VertexWarning`. */
export interface BuildWarning extends LintWarning {
	readonly kind: 'warning';
	readonly vertex: string;
}

/** A lint rule of the frontend that the Dockerfile breaks. Lines are 1-based, of the text that was built. */
export interface LintWarning {
	readonly message: string;
	readonly detail: readonly string[];
	readonly url: string | undefined;
	readonly startLine: number | undefined;
	readonly endLine: number | undefined;
}
