import { baseNameOf } from '../core/rebuild/baseName';
import { baseAmong, recoverDockerfile, type ImageDockerfile } from '../core/rebuild/imageDockerfile';
import { readImageRows } from './imageRows';
import type { ImageStore } from './imageStore';

/** The Dockerfile that an image's history tells of; its base is looked for among the tagged images here. Throws `EngineError`. */
export async function recoverImage(images: ImageStore, imageId: string): Promise<ImageDockerfile> {
	const [rows, image, list] = await Promise.all([readImageRows(images, imageId), images.details(imageId), images.images()]);
	const tagged = list.filter(({ references }) => references.length > 0);
	// An image that goes meanwhile is no base.
	const others = (await Promise.all(tagged.map(({ id }) => images.details(id).catch(() => undefined)))).filter(one => one !== undefined);
	const base = baseAmong(image, others);
	if (base === undefined) {
		return recoverDockerfile(rows, undefined);
	}
	const own = (await readImageRows(images, base.id)).map(({ createdBy }) => createdBy);
	const isPrefix = own.every((createdBy, at) => rows[at]?.createdBy === createdBy);
	// An engine may have forgotten the rows of a base: then its layers tell how far it goes.
	const firstOwn = rows.findIndex(({ layer }) => layer !== undefined && layer >= base.diffIds.length);
	return recoverDockerfile(rows, { name: baseNameOf(base, ''), rows: isPrefix ? own.length : Math.max(0, firstOwn) });
}
