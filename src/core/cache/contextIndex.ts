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
	private readonly places: ReadonlyMap<string, number>;
	/** For each entry the place after the last one below it. */
	private readonly ends: readonly number[];
	/** What was computed: what stays the same whatever more is known, and what holds for these hashes. */
	private readonly final: Map<string, unknown>;
	private readonly passing = new Map<string, unknown>();

	/** `before`: the same entries, of which some hashes were not known that now are. */
	constructor(
		readonly entries: readonly ContextFile[],
		/** Hash of a file's content; undefined while it is not known. */
		readonly hashOf: (path: string) => string | undefined,
		before?: ContextIndex,
	) {
		const { places, ends } = before === undefined ? placesOf(entries) : { places: before.places, ends: before.ends };
		this.places = places;
		this.ends = ends;
		this.final = before?.final ?? new Map<string, unknown>();
	}

	/** The same files with more hashes known. What was computed of those known before is kept. */
	knowing(hashOf: (path: string) => string | undefined): ContextIndex {
		return new ContextIndex(this.entries, hashOf, this);
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

	/** What was kept under this key. */
	kept<T>(key: string): T | undefined {
		return (this.final.get(key) ?? this.passing.get(key)) as T | undefined;
	}

	/** Keeps what was computed from this context. `isFinal`: it stays the same when more hashes are known. */
	keep(key: string, value: object, isFinal: boolean): void {
		(isFinal ? this.final : this.passing).set(key, value);
	}
}

function placesOf(entries: readonly ContextFile[]): { readonly places: ReadonlyMap<string, number>; readonly ends: readonly number[] } {
	const places = new Map<string, number>();
	const ends: number[] = [];
	const open: number[] = [];
	entries.forEach((entry, place) => {
		places.set(entry.path, place);
		while (open.length > 0 && !entry.path.startsWith(`${entries[open.at(-1)!]!.path}/`)) {
			ends[open.pop()!] = place;
		}
		open.push(place);
	});
	open.forEach(place => { ends[place] = entries.length; });
	return { places, ends };
}

/** A path inside the context without leading and trailing slash; what climbs out of it is held at the root. */
export function cleanPath(path: string): string {
	return posix.join('/', path).replace(/^\/+|\/+$/g, '');
}
