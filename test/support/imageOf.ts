import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { layerTar, type LayerEntry } from './layerTar';

export interface ImageDescription {
	/** Lowest first: entries, or a tar as it is. */
	readonly layers: readonly (readonly (LayerEntry | string)[] | Buffer)[];
	/** What made each layer; default `layer 0`, `layer 1`, … */
	readonly createdBy?: readonly string[];
	/** Default `test/image:1`. */
	readonly reference?: string;
	readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
	/** Changes the config before it is written. */
	readonly config?: (config: Record<string, unknown>) => unknown;
}

export type Packing = 'plain' | 'gzip' | 'zstd';

/** Files of an archive by path, in the order in which they are written. A text that starts with `->` is a symlink. */
export type ArchiveEntries = Readonly<Record<string, Buffer | string>>;

/** `docker save` before Engine 25: a folder for each layer; a layer that comes twice is a symlink the second time. */
export function oldArchive(image: ImageDescription): ArchiveEntries {
	const { tars, config, reference } = partsOf(image);
	const ids = tars.map((_, at) => hex(Buffer.from(`${at} ${hex(tars[at]!)}`)));
	const first = (at: number): number => tars.findIndex(tar => tar.equals(tars[at]!));
	const order = ids.map((id, at) => ({ id, at })).sort((left, right) => left.id < right.id ? -1 : 1);
	return {
		...Object.fromEntries(order.flatMap(({ id, at }) => [
			[`${id}/VERSION`, '1.0'],
			[`${id}/json`, JSON.stringify({ id })],
			[`${id}/layer.tar`, first(at) === at ? tars[at]! : `->../${ids[first(at)]!}/layer.tar`],
		])),
		[`${hex(config)}.json`]: config,
		'manifest.json': JSON.stringify([{ Config: `${hex(config)}.json`, RepoTags: [reference], Layers: ids.map(id => `${id}/layer.tar`) }]),
		'repositories': JSON.stringify({ [reference.split(':')[0]!]: { [reference.split(':')[1]!]: ids.at(-1) } }),
	};
}

/** `docker save` from Engine 25 on: blobs, an OCI layout and a manifest.json. */
export function newArchive(image: ImageDescription, packing: Packing = 'plain'): ArchiveEntries {
	const { config, reference } = partsOf(image);
	const layout = ociLayout([image], packing);
	const manifest = JSON.parse(String(manifestOf(image, packing))) as { readonly layers: readonly { readonly digest: string }[] };
	return {
		...layout,
		'manifest.json': JSON.stringify([{
			Config: blob(config), RepoTags: [reference], Layers: manifest.layers.map(({ digest }) => `blobs/${digest.replace(':', '/')}`),
			LayerSources: {},
		}]),
	};
}

/** An OCI layout of one image for each platform, with a nested index where there are several, and an attestation. */
export function ociLayout(images: readonly ImageDescription[], packing: Packing = 'plain'): ArchiveEntries {
	const blobs: Record<string, Buffer> = {};
	const add = (bytes: Buffer): string => {
		blobs[blob(bytes)] = bytes;
		return `sha256:${hex(bytes)}`;
	};
	const manifests = images.map(image => {
		const { tars, config } = partsOf(image);
		tars.forEach(tar => add(packed(tar, packing)));
		add(config);
		const manifest = manifestOf(image, packing);
		return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: add(manifest), size: manifest.length, platform: image.platform ?? amd64 };
	});
	const attestation = Buffer.from(JSON.stringify({ schemaVersion: 2, config: { digest: add(Buffer.from('{}')), size: 2 }, layers: [] }));
	const entries = [...manifests, { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: add(attestation), size: attestation.length, platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }];
	const inner = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: entries }));
	const name = { 'io.containerd.image.name': `docker.io/${images[0]!.reference ?? 'test/image:1'}` };
	const top = images.length === 1
		? [{ ...manifests[0], annotations: name }]
		: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: add(inner), size: inner.length, annotations: name }];
	return {
		...Object.fromEntries(Object.entries(blobs).sort(([left], [right]) => left < right ? -1 : 1)),
		'index.json': JSON.stringify({ schemaVersion: 2, manifests: top }),
		'oci-layout': JSON.stringify({ imageLayoutVersion: '1.0.0' }),
	};
}

/**
 * What `docker save` writes of an image for several platforms: a layout, and a manifest.json of the first of them, for
 * engines that know no more. Of those in `elsewhere` only the index tells.
 */
export function platformsArchive(images: readonly [ImageDescription, ...(readonly ImageDescription[])], elsewhere: readonly ImageDescription[] = []): ArchiveEntries {
	const whole = ociLayout([...images, ...elsewhere]);
	const present = new Set(images.flatMap(image => Object.keys(newArchive(image))));
	const absent = new Set(elsewhere.flatMap(image => Object.keys(newArchive(image))).filter(path => !present.has(path)));
	return { ...Object.fromEntries(Object.entries(whole).filter(([path]) => !absent.has(path))), 'manifest.json': newArchive(images[0])['manifest.json']! };
}

/** The archive's files as a tar. */
export function archiveTar(entries: ArchiveEntries): Buffer {
	return layerTar(Object.entries(entries).map(([path, data]) =>
		typeof data === 'string' && data.startsWith('->') ? { path, type: 'symlink', link: data.slice(2) } : { path, data }));
}

export function packed(bytes: Buffer, packing: Packing): Buffer {
	switch (packing) {
		case 'plain': return bytes;
		case 'gzip': return gzipSync(bytes);
		case 'zstd': return zstdOf(bytes);
	}
}

/** A zstd frame (RFC 8878) of raw blocks, since Node 20 cannot compress to zstd. */
export function zstdOf(bytes: Buffer): Buffer {
	// Window descriptor 0x38: 128 KiB, the largest a block may be.
	const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38])];
	for (let at = 0; at === 0 || at < bytes.length; at += 128 << 10) {
		const piece = bytes.subarray(at, at + (128 << 10));
		const isLast = at + (128 << 10) >= bytes.length;
		const head = (piece.length << 3) | (isLast ? 1 : 0);
		parts.push(Buffer.from([head & 0xff, (head >> 8) & 0xff, head >> 16]), piece);
	}
	return Buffer.concat(parts);
}

export function hex(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

export function diffIdsOf(image: ImageDescription): readonly string[] {
	return partsOf(image).tars.map(tar => `sha256:${hex(tar)}`);
}

/** Pieces of a size that falls on no boundary. */
export async function* inPieces(bytes: Buffer, size = 777): AsyncGenerator<Buffer> {
	for (let at = 0; at < bytes.length; at += size) {
		yield await Promise.resolve(bytes.subarray(at, at + size));
	}
}

/** As `inPieces`, all in one memory, which holds something else once the next piece is asked for. */
export async function* inOneMemory(bytes: Buffer, size = 777): AsyncGenerator<Buffer> {
	const memory = Buffer.alloc(size);
	for await (const piece of inPieces(bytes, size)) {
		piece.copy(memory);
		yield memory.subarray(0, piece.length);
		memory.fill(0xaa);
	}
}

const amd64 = { os: 'linux', architecture: 'amd64' };

function partsOf(image: ImageDescription): { readonly tars: readonly Buffer[]; readonly config: Buffer; readonly reference: string } {
	const tars = image.layers.map(layer => Buffer.isBuffer(layer) ? layer : layerTar(layer));
	const config = {
		...(image.platform ?? amd64),
		rootfs: { type: 'layers', diff_ids: tars.map(tar => `sha256:${hex(tar)}`) },
		history: [
			...tars.map((_, at) => ({ created: '2024-01-01T00:00:00Z', created_by: image.createdBy?.[at] ?? `layer ${at}` })),
			{ created: '2024-01-01T00:00:00Z', created_by: 'CMD ["sh"]', empty_layer: true },
		],
	};
	return { tars, config: Buffer.from(JSON.stringify(image.config?.(config) ?? config)), reference: image.reference ?? 'test/image:1' };
}

function manifestOf(image: ImageDescription, packing: Packing): Buffer {
	const { tars, config } = partsOf(image);
	const suffix = { plain: '', gzip: '+gzip', zstd: '+zstd' }[packing];
	return Buffer.from(JSON.stringify({
		schemaVersion: 2,
		mediaType: 'application/vnd.oci.image.manifest.v1+json',
		config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${hex(config)}`, size: config.length },
		layers: tars.map(tar => packed(tar, packing)).map(bytes => ({ mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`, digest: `sha256:${hex(bytes)}`, size: bytes.length })),
	}));
}

function blob(bytes: Buffer): string {
	return `blobs/sha256/${hex(bytes)}`;
}
