import { ArchiveError, exceeded } from './archiveError';
import type { ArchiveLimits } from './limits';
import { pathNames } from './pathNames';
import type { TarEntry } from './tarParser';

/** What the entries of an archive are called, links followed: old archives have one layer under several names. */
export class OuterPaths<T> {
	/** The file added last. */
	last = '';
	private readonly files = new Map<string, T>();
	private readonly links = new Map<string, string>();
	private count = 0;

	constructor(private readonly limits: ArchiveLimits) {}

	/** The path of a file whose body follows; undefined for everything else. Links are kept, directories need not be. */
	add(entry: TarEntry): string | undefined {
		if (++this.count > this.limits.archiveEntries) {
			throw exceeded(this.limits, 'archiveEntries');
		}
		const path = clean(entry.path.toString());
		switch (entry.kind) {
			case 'file':
				this.last = path;
				this.links.delete(path);
				return path;
			case 'symlink': {
				const link = entry.link.toString();
				this.link(path, link.startsWith('/') ? link : `${path}/../${link}`);
				return undefined;
			}
			case 'hardlink':
				this.link(path, entry.link.toString());
				return undefined;
			case 'directory': case 'character': case 'block': case 'fifo':
				return undefined;
		}
	}

	set(path: string, file: T): void {
		this.files.set(path, file);
	}

	get(path: string): T | undefined {
		return this.files.get(this.resolve(path));
	}

	/** Follows links. Throws `linkLoop`, and `unsafePath` where a path or a link leads out of the archive. */
	resolve(path: string): string {
		let at = clean(path);
		for (let steps = 0; steps < maxLinks; steps++) {
			const target = this.links.get(at);
			if (target === undefined) {
				return at;
			}
			at = clean(target);
		}
		throw new ArchiveError('linkLoop', path);
	}

	private link(path: string, target: string): void {
		this.files.delete(path);
		this.links.set(path, target);
	}
}

const maxLinks = 40;

function clean(path: string): string {
	return pathNames(Buffer.from(path)).join('/');
}
