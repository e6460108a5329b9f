import type { BuildRecord } from '../core/build/record';
import { parseDockerfile } from '../core/dockerfile/parse';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import type { ResolvedDockerfile, ResolveOptions } from '../core/dockerfile/resolved';
import type { LineHistory } from '../core/lineHistory';

/** A build's record with the Dockerfile that was built, as it is read. */
export interface RecordWithText {
	readonly record: BuildRecord;
	readonly resolved: ResolvedDockerfile;
	/** By instruction; undefined until earlier builds are read. */
	readonly histories: readonly LineHistory[] | undefined;
}

/** Reads the Dockerfile of a record, with the options that it was built with. */
export function withText(record: BuildRecord, histories: RecordWithText['histories']): RecordWithText {
	return { record, histories, resolved: resolveDockerfile(parseDockerfile(record.text), recordedOptions(record)) };
}

/** The options that a build was asked for, as far as they change what its Dockerfile means. */
export function recordedOptions({ builder, options }: BuildRecord): ResolveOptions {
	// Hashed values of secret-looking arguments expand to something that stands nowhere; stages do not hang on them.
	return { builder, target: options.target, buildArgs: options.buildArgs, platform: options.platform };
}
