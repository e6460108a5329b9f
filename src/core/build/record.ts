import type { Builder } from '../engine/engine';
import type { LintWarning } from './events';
import type { BuildFailure, Outcome } from './run';

/**
 * What is kept of a finished run (DESIGN: BuildRecord). Plain JSON, versioned; one file a record.
 * What is not known is left undefined and becomes null only at the command line.
 */
export interface BuildRecord {
	readonly version: 2;
	readonly id: string;
	readonly engineId: string;
	readonly builder: Builder;
	readonly dockerfilePath: string;
	readonly contextPath: string;
	readonly options: RecordedOptions;
	readonly state: 'succeeded' | 'failed' | 'cancelled';
	readonly startedAt: number;
	readonly durationMs: number;
	/** What was sent, its bytes uncompressed; undefined where others sent it. */
	readonly contextBytes: number | undefined;
	readonly contextFiles: number | undefined;
	readonly imageId: string | undefined;
	/** What the built image is made of; undefined where there is none, or its history was not read. */
	readonly image: ImageBytes | undefined;
	readonly error: BuildFailure | undefined;
	/** What the frontend's lint said; undefined where it was not recorded, as before version 2. */
	readonly warnings: readonly LintWarning[] | undefined;
	/** The Dockerfile as it was built. */
	readonly text: string;
	readonly instructions: readonly RecordedInstruction[];
	/** Where it was not Strata that built: BuildKit told of it afterwards. */
	readonly origin?: 'commandLine' | undefined;
}

export interface RecordedOptions {
	readonly target: string | undefined;
	readonly tags: readonly string[];
	/** Values of arguments whose names look secret are keyed hashes (`hmac:…`), never text. */
	readonly buildArgs: Readonly<Record<string, string>>;
	readonly noCache: boolean;
	readonly platform: string | undefined;
	readonly network: string | undefined;
}

export interface RecordedInstruction {
	readonly line: number;
	readonly endLine: number;
	readonly stage: number | undefined;
	readonly keyword: string;
	/** `Instruction.text`. */
	readonly text: string;
	readonly outcome: Outcome;
	/** By the engine's clock, milliseconds since the epoch; undefined in older records, and in those of the classic builder. */
	readonly startedAt?: number | undefined;
	readonly durationMs: number | undefined;
	readonly size: LayerSize | undefined;
	readonly diffId: string | undefined;
	/** Last lines of its output, escape sequences removed; kept for failed steps. */
	readonly logTail: string | undefined;
	/** What the outcome depended on (core/cache); opaque here. */
	readonly inputs: unknown;
	/** Why it ran (core/cache); opaque here. */
	readonly reason: unknown;
}

/** Sizes of an image, uncompressed, as the engine's history gives them. */
export interface ImageBytes {
	/** Of all its layers. */
	readonly totalBytes: number;
	/** Of those that come from the image it starts from (none: from scratch); undefined where its rows cannot be told from the build's. */
	readonly baseBytes: number | undefined;
}

/** A size and what it measures. */
export interface LayerSize {
	readonly bytes: number;
	/**
	 * `history`: the engine's history row. `cacheRecord`: the engine's build cache record of a stage not in the image.
	 * `stageBuild`: a build of just its stage, later.
	 */
	readonly measure: 'history' | 'cacheRecord' | 'stageBuild';
}
