import { createHash } from 'node:crypto';
import { exceeded } from './archiveError';
import type { LayerIndex } from './layerIndex';
import { LayerIndexBuilder } from './layerIndexBuilder';
import type { ArchiveLimits } from './limits';
import { TarParser } from './tarParser';

/** Reads one uncompressed layer tar that is pushed into it: index and diffID in one pass. */
export class LayerScanner {
	private readonly digest = createHash('sha256');
	private readonly builder: LayerIndexBuilder;
	private readonly parser: TarParser;

	constructor(private readonly limits: ArchiveLimits) {
		this.builder = new LayerIndexBuilder(limits);
		this.parser = new TarParser(this.builder, limits);
	}

	write(bytes: Buffer): void {
		this.digest.update(bytes);
		this.parser.write(bytes);
		if (this.parser.offset > this.limits.layerBytes) {
			throw exceeded(this.limits, 'layerBytes');
		}
	}

	finish(): LayerIndex {
		this.parser.end({ marked: false });
		return this.builder.finish({ diffId: `sha256:${this.digest.digest('hex')}`, verified: true, tarBytes: this.parser.offset });
	}
}
