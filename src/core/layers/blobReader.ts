import { ArchiveError } from './archiveError';
import { compressionOf, inflaterFor, type Inflater } from './inflater';
import type { LayerIndex } from './layerIndex';
import { LayerScanner } from './layerScanner';
import type { ArchiveLimits } from './limits';
import { blockBytes, isHeaderBlock, isZeroBlock } from './tarHeader';

/**
 * What a file inside an archive turned out to be. A layer that could not be read is an error only for an image that
 * needs it, so the error is kept until the manifest is known.
 */
export type Blob =
	| { readonly kind: 'json'; readonly bytes: Buffer }
	| { readonly kind: 'layer'; readonly index: LayerIndex }
	| { readonly kind: 'failed'; readonly error: unknown }
	| { readonly kind: 'other' };

/** Reads one file of an archive as it streams by, and tells what it is by its first bytes, never by its name. */
export class BlobReader {
	private start: Buffer[] = [];
	private startBytes = 0;
	private sink: Sink | undefined;
	private failure: unknown;
	private pending: Promise<void> | undefined;

	constructor(private readonly limits: ArchiveLimits, private readonly size: number, private readonly takeJson: (bytes: number) => void) {}

	write(bytes: Buffer): void {
		if (this.sink !== undefined) {
			this.push(bytes);
			return;
		}
		this.start.push(Buffer.from(bytes));
		this.startBytes += bytes.length;
		if (this.startBytes >= blockBytes) {
			this.begin();
		}
	}

	/** Resolves when what was written is read. */
	async settle(): Promise<void> {
		const pending = this.pending;
		this.pending = undefined;
		await pending;
	}

	async finish(): Promise<Blob> {
		try {
			if (this.sink === undefined) {
				this.begin();
			}
			await this.settle();
			if (this.failure === undefined) {
				return await this.sink!.finish();
			}
		} catch (error) {
			this.failure ??= error;
		} finally {
			this.sink?.close();
		}
		return { kind: 'failed', error: this.failure };
	}

	private begin(): void {
		const start = Buffer.concat(this.start);
		this.start = [];
		this.sink = this.sinkFor(start);
		this.push(start);
	}

	private sinkFor(start: Buffer): Sink {
		const compression = compressionOf(start);
		if (compression !== undefined) {
			return inflatingSink(sink => inflaterFor(compression, sink, this.limits), () => new LayerScanner(this.limits));
		}
		if (isTarStart(start) || start.length === 0) {
			return layerSink(new LayerScanner(this.limits));
		}
		if (/^\s*[[{]/.test(start.toString('latin1', 0, 64))) {
			if (this.size > this.limits.jsonBytes) {
				return failedSink(new ArchiveError('bound', undefined, { bound: 'jsonBytes', limit: this.limits.jsonBytes }));
			}
			this.takeJson(this.size);
			return jsonSink();
		}
		return ignoringSink;
	}

	private push(bytes: Buffer): void {
		if (this.failure !== undefined || bytes.length === 0) {
			return;
		}
		try {
			const writing = this.sink!.write(bytes);
			if (writing !== undefined) {
				const before = this.pending;
				this.pending = before === undefined ? writing : before.then(() => writing);
				this.pending = this.pending.catch((error: unknown) => { this.failure ??= error; });
			}
		} catch (error) {
			this.failure = error;
		}
	}
}

/** True where a tar can start so: a header whose checksum holds, or zeros (a tar without entries). */
export function isTarStart(start: Buffer): boolean {
	return start.length >= blockBytes && (isHeaderBlock(start.subarray(0, blockBytes)) || isZeroBlock(start.subarray(0, blockBytes)));
}

interface Sink {
	write(bytes: Buffer): Promise<void> | undefined;
	finish(): Blob | Promise<Blob>;
	close(): void;
}

const ignoringSink: Sink = { write: () => undefined, finish: () => ({ kind: 'other' }), close: () => undefined };

function failedSink(error: unknown): Sink {
	return { ...ignoringSink, finish: () => ({ kind: 'failed', error }) };
}

function jsonSink(): Sink {
	const parts: Buffer[] = [];
	return {
		...ignoringSink,
		write: bytes => {
			parts.push(Buffer.from(bytes));
			return undefined;
		},
		finish: () => ({ kind: 'json', bytes: Buffer.concat(parts) }),
	};
}

function layerSink(scanner: LayerScanner): Sink {
	return {
		...ignoringSink,
		write: bytes => {
			scanner.write(bytes);
			return undefined;
		},
		finish: () => ({ kind: 'layer', index: scanner.finish() }),
	};
}

function inflatingSink(inflaterInto: (sink: (bytes: Buffer) => void) => Inflater, scannerOf: () => LayerScanner): Sink {
	const scanner = scannerOf();
	const inflater = inflaterInto(bytes => { scanner.write(bytes); });
	return {
		write: bytes => inflater.write(bytes),
		finish: async () => {
			await inflater.end();
			return { kind: 'layer', index: scanner.finish() };
		},
		close: () => { inflater.close(); },
	};
}
