import { exceeded } from './archiveError';
import { GrowingBytes } from './columns';
import type { LayerIndex } from './layerIndex';
import type { ArchiveLimits } from './limits';

/** apk's database of what is installed: its old place, and that of systems whose `/lib` is a link. */
const apkDatabases: ReadonlySet<string> = new Set(['lib/apk/db/installed', 'usr/lib/apk/db/installed']);

/**
 * Gathers the names of installed packages out of apk's database as its bytes pass by: `P:name` lines (apk-tools, doc of
 * the v2 database). dpkg's need no reading, its packages have a file each.
 */
export class PackageNames {
	private names = new GrowingBytes();
	private isReading = false;
	private line = '';

	constructor(private readonly limits: ArchiveLimits) {}

	/** A file starts; its bytes come with `write`. Of several databases in a layer the last counts. */
	begin(path: Buffer): void {
		this.isReading = path[path.length - 1] === lastLetter && apkDatabases.has(path.toString('latin1').replace(/^\.?\/+/, ''));
		if (this.isReading) {
			this.names = new GrowingBytes();
			this.line = '';
		}
	}

	write(bytes: Buffer): void {
		if (!this.isReading) {
			return;
		}
		const lines = (this.line + bytes.toString('latin1')).split('\n');
		this.line = lines.pop()!.slice(0, mostLetters);
		for (const line of lines) {
			if (line.startsWith('P:') && line.length < mostLetters) {
				this.names.add(Buffer.from(`${line.slice(2)}\n`, 'latin1'));
			}
		}
		if (this.names.length > this.limits.layerNameBytes) {
			throw exceeded(this.limits, 'layerNameBytes');
		}
	}

	bytes(): Buffer {
		return Buffer.from(this.names.bytes());
	}
}

const lastLetter = 0x64;
/** No package is called anything near that. */
const mostLetters = 200;

/**
 * The packages that came with each layer and are in the image in the end, as far as apk's databases tell. Empty for
 * layers that only their headers were read of.
 */
export function apkPackages(stack: readonly LayerIndex[]): readonly (readonly string[])[] {
	const byLayer = stack.map(({ packages }) => packages.toString('latin1').split('\n').slice(0, -1));
	const last = new Set(byLayer.findLast(names => names.length > 0));
	let before: ReadonlySet<string> = new Set();
	return byLayer.map(names => {
		const added = names.filter(name => !before.has(name) && last.has(name));
		before = names.length === 0 ? before : new Set(names);
		return added;
	});
}
