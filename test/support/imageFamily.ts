import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Engine } from '../../src/core/engine/engine';
import { layerTar } from './layerTar';

/** One image of a family: layers by their names, lowest first; a name stands for the same bytes in all images. */
export interface FamilyImage {
	readonly layers: readonly string[];
	/** `repository:tag`. */
	readonly names: readonly string[];
	/** Place in the family of the image it is built upon by one layer. */
	readonly parent?: number | undefined;
}

export interface ImageFamily {
	readonly archive: Buffer;
	/** Digests of the images' configs; once loaded (`loadFamily`), what the engine knows them by. */
	readonly ids: readonly string[];
	/** The label of each image's `dev.strata.test`, which no other image has. */
	readonly labels: readonly string[];
	readonly diffIds: ReadonlyMap<string, string>;
	/** Bytes of each layer's files, by its name. */
	readonly bytes: ReadonlyMap<string, number>;
}

/** An archive (`docker save`, old layout) with images that share layers. `word` makes all of it unlike any other. */
export function imageFamily(images: readonly FamilyImage[], word: string, fileBytes = 100): ImageFamily {
	const names = [...new Set(images.flatMap(({ layers }) => layers))];
	// Each its own size, so that a sum tells which layers it is of.
	const bytes = new Map(names.map((name, at) => [name, fileBytes + 2 ** at]));
	const tars = new Map(names.map(name => [name, layerTar([{ path: `${word}-${name}`, data: randomBytes(bytes.get(name)!) }])]));
	const labels = images.map((_, at) => `${word}-${at}`);
	const configs = images.map(({ layers }, at) => JSON.stringify({
		architecture: 'amd64', os: 'linux', created: '2024-01-01T00:00:00Z', config: { Labels: { 'dev.strata.test': labels[at] } },
		rootfs: { type: 'layers', diff_ids: layers.map(name => digest(tars.get(name)!)) },
		history: layers.map(name => ({ created: '2024-01-01T00:00:00Z', created_by: `COPY ${word}-${name} /` })),
	}));
	const ids = configs.map(config => digest(Buffer.from(config)));
	return {
		ids, labels, bytes,
		diffIds: new Map([...tars].map(([name, tar]) => [name, digest(tar)])),
		archive: layerTar([
			...[...tars].map(([name, data]) => ({ path: `${word}-${name}/layer.tar`, data })),
			...configs.map((data, at) => ({ path: `${ids[at]!.slice(7)}.json`, data })),
			{
				path: 'manifest.json',
				data: JSON.stringify(images.map(({ layers, names: tags, parent }, at) => ({
					Config: `${ids[at]!.slice(7)}.json`, RepoTags: tags.map(canonicalName), Layers: layers.map(name => `${word}-${name}/layer.tar`),
					...(parent === undefined ? {} : { Parent: ids[parent] }),
				}))),
			},
		]),
	};
}

/** Podman takes a short name in an archive for one of this machine's own. */
function canonicalName(name: string): string {
	return /^[^/]*[.:][^/]*\//.test(name) ? name : `docker.io/${name}`;
}

/** The family as it is in an engine that loads it. */
export async function loadFamily(engine: Engine, family: ImageFamily): Promise<ImageFamily> {
	for await (const { error } of engine.loadImages(Readable.from([family.archive]), new AbortController().signal)) {
		assert.equal(error, undefined);
	}
	return { ...family, ids: await loadedIds(engine, family) };
}

/** A layer store knows an image by its config, a containerd store by its manifest. */
export async function loadedIds(engine: Engine, { labels }: ImageFamily): Promise<readonly string[]> {
	const ids = new Map((await engine.allImages()).map(image => [image.labels['dev.strata.test'], image.id]));
	return labels.map(label => ids.get(label)!);
}

function digest(data: Buffer): string {
	return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
