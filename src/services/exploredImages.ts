import { Emitter, type Disposable, type Event } from '../core/base/event';
import { exploreImage, type ExploredImage } from '../core/exploredImage';
import type { ImageSource } from '../core/image/imageSource';
import { sourceKey, type LayerFile, type NamedSource } from '../core/layerFile';
import { ArchiveError } from '../core/layers/archiveError';
import type { LayeredImage } from '../core/layers/layeredImage';
import { contentOf, findNode, resolveNode, type TreeNode } from '../core/layers/tree';

/** Where layers come from. */
export interface LayerReader {
	/** Throws `ArchiveError`, `EngineError`, or the signal's reason. */
	image(source: ImageSource, options: { readonly signal: AbortSignal; readonly onProgress: (bytes: number) => void }): Promise<LayeredImage>;
	/** The bytes of a content, front to back. */
	content(source: ImageSource, image: LayeredImage, place: { readonly layer: number; readonly content: number }, signal: AbortSignal): AsyncIterable<Buffer>;
}

/** Shows that something is being read, and lets a person stop it. */
export type WhileReading = <T>(name: string, work: (signal: AbortSignal, report: (bytes: number) => void) => Promise<T>) => Promise<T>;

/** An index takes some 100 bytes for each entry; these many images stay at hand. */
const mostKept = 12;

/** Images that somebody looks into: each read once, and shared by everything that shows it. */
export class ExploredImages implements Disposable {
	private readonly _onDidOpen = new Emitter<NamedSource>();
	/** The layers of an image are known now. */
	readonly onDidOpen: Event<NamedSource> = this._onDidOpen.event;
	private readonly kept = new Map<string, { readonly image: Promise<ExploredImage>; explored: ExploredImage | undefined }>();

	constructor(private readonly reader: LayerReader, private readonly whileReading: WhileReading) {}

	/** What is known without reading. */
	known(source: ImageSource): ExploredImage | undefined {
		return this.kept.get(sourceKey(source))?.explored;
	}

	/** Throws `ArchiveError`, `EngineError`, or a cancellation. A failure is not kept. */
	get(named: NamedSource): Promise<ExploredImage> {
		const key = sourceKey(named.source);
		const known = this.kept.get(key);
		if (known !== undefined) {
			this.kept.delete(key);
			this.kept.set(key, known);
			return known.image;
		}
		const image = this.whileReading(named.name, (signal, onProgress) => this.reader.image(named.source, { signal, onProgress })).then(exploreImage);
		const entry: { readonly image: Promise<ExploredImage>; explored: ExploredImage | undefined } = { image, explored: undefined };
		this.kept.set(key, entry);
		image.then(explored => {
			entry.explored = explored;
			this._onDidOpen.fire(named);
		}, () => {
			if (this.kept.get(key) === entry) {
				this.kept.delete(key);
			}
		});
		for (const [oldest] of this.kept) {
			if (this.kept.size <= mostKept) {
				break;
			}
			this.kept.delete(oldest);
		}
		return image;
	}

	/** The same image, of which more is known now. */
	replace(source: ImageSource, image: LayeredImage): void {
		const entry = this.kept.get(sourceKey(source));
		if (entry?.explored !== undefined) {
			const explored = exploreImage(image);
			this.kept.set(sourceKey(source), { image: Promise.resolve(explored), explored });
		}
	}

	/** The entry at a path; undefined where the view has none. Symlinks are not followed. */
	async find(file: LayerFile): Promise<TreeNode | undefined> {
		const explored = await this.get(file);
		return file.layer < explored.stack.length ? findNode(explored.upTo(file.layer), file.path, explored.root(file.layer)) : undefined;
	}

	/** What a path leads to, symlinks followed as in a container. */
	async resolve(file: LayerFile): Promise<TreeNode | undefined> {
		const explored = await this.get(file);
		return file.layer < explored.stack.length ? resolveNode(explored.upTo(file.layer), file.path, explored.root(file.layer)) : undefined;
	}

	/** The bytes of a file, symlinks followed. Throws `notFound` and `notFile`. */
	async *read(file: LayerFile, signal: AbortSignal): AsyncGenerator<Buffer> {
		const explored = await this.get(file);
		const node = await this.resolve(file);
		if (node === undefined) {
			throw new ArchiveError('notFound', file.path);
		}
		const place = contentOf(explored.upTo(file.layer), node);
		if (place !== undefined) {
			yield* this.reader.content(file.source, explored.image, place, signal);
		} else if (node.kind !== 'file' && node.kind !== 'hardlink') {
			throw new ArchiveError('notFile', file.path, { found: node.kind });
		}
	}

	/** Sources may hold something else now: ask anew. */
	refresh(): void {
		this.kept.clear();
	}

	dispose(): void {
		this.kept.clear();
		this._onDidOpen.dispose();
	}
}
