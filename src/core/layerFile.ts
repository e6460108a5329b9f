import type { ImageSource } from './image/imageSource';

/** An image by where its layers are read from, and what people call it. Plain data, so that it can stand in an address. */
export interface NamedSource {
	readonly source: ImageSource;
	readonly name: string;
}

/** A path in the view of an image up to one of its layers: what a container of just these layers would see there. */
export interface LayerFile extends NamedSource {
	/** Position of the highest layer of the view, lowest 0. */
	readonly layer: number;
	/** From `/`. */
	readonly path: string;
}

/** The same text for the same source, whatever the order of its fields. */
export function sourceKey(source: ImageSource): string {
	const { kind, platform = '' } = source;
	return source.kind === 'engine'
		? [kind, source.reference, platform].join('\n')
		: [kind, source.path, source.image ?? '', platform].join('\n');
}

/** Reads a source back from an address, which may have been made by anybody; undefined where it is none. */
export function readSource(json: unknown): ImageSource | undefined {
	if (typeof json !== 'object' || json === null) {
		return undefined;
	}
	const { kind, reference, path, image, platform } = json as Readonly<Record<string, unknown>>;
	if ([image, platform].some(value => value !== undefined && typeof value !== 'string')) {
		return undefined;
	}
	const chosen = typeof platform === 'string' ? { platform } : {};
	if (kind === 'engine' && typeof reference === 'string') {
		return { kind, reference, ...chosen };
	}
	return (kind === 'archive' || kind === 'layout') && typeof path === 'string'
		? { kind, path, ...typeof image === 'string' ? { image } : {}, ...chosen } : undefined;
}
