import { posix } from 'node:path';

/** Something in the build context, as far as builders look at it. The shape of `core/build`'s `ContextEntry`. */
export interface ContextFile {
	/** Relative to the context, forward slashes. */
	readonly path: string;
	readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
	readonly mode: number;
	readonly size: number;
	readonly link: string | undefined;
}

/** The files of a build context at one moment, found by path. Entries come as `listContext` gives them: folders first. */
export class ContextIndex {
	private readonly places = new Map<string, number>();
	/** For each entry the place after the last one below it. */
	private readonly ends: number[] = [];
	private readonly derived = new Map<string, unknown>();

	constructor(
		readonly entries: readonly ContextFile[],
		/** Hash of a file's content; undefined while it is not known. */
		readonly hashOf: (path: string) => string | undefined,
	) {
		const open: number[] = [];
		entries.forEach((entry, place) => {
			this.places.set(entry.path, place);
			while (open.length > 0 && !entry.path.startsWith(`${entries[open.at(-1)!]!.path}/`)) {
				this.ends[open.pop()!] = place;
			}
			open.push(place);
		});
		open.forEach(place => { this.ends[place] = entries.length; });
	}

	at(path: string): ContextFile | undefined {
		const place = this.places.get(path);
		return place === undefined ? undefined : this.entries[place];
	}

	/** Everything under a folder, in order; the whole context for the empty path. */
	below(path: string): readonly ContextFile[] {
		if (path === '') {
			return this.entries;
		}
		const place = this.places.get(path);
		return place === undefined ? [] : this.entries.slice(place + 1, this.ends[place]);
	}

	/**
	 * The path that `path` leads to when symbolic links are followed within the context, as a builder does; undefined where
	 * there is nothing. The root is the empty path.
	 */
	follow(path: string): string | undefined {
		let rest = cleanPath(path).split('/').filter(part => part !== '');
		let reached = '';
		for (let steps = 0; rest.length > 0; steps++) {
			const next = reached === '' ? rest[0]! : `${reached}/${rest[0]!}`;
			const entry = this.at(next);
			if (entry === undefined || steps > 255) {
				return undefined;
			}
			rest = rest.slice(1);
			if (entry.kind === 'symlink') {
				const target = entry.link ?? '';
				const absolute = target.startsWith('/') ? target : posix.join('/', reached, target);
				rest = [...cleanPath(absolute).split('/').filter(part => part !== ''), ...rest];
				reached = '';
			} else {
				reached = next;
			}
		}
		return reached;
	}

	/** A value computed from this context once. */
	derive<T>(key: string, make: () => T): T {
		if (!this.derived.has(key)) {
			this.derived.set(key, make());
		}
		return this.derived.get(key) as T;
	}
}

/** A path inside the context without leading and trailing slash; what climbs out of it is held at the root. */
export function cleanPath(path: string): string {
	return posix.join('/', path).replace(/^\/+|\/+$/g, '');
}
