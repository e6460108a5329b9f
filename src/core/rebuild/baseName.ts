import type { ImageDetails } from '../engine/engine';
import { familiarName, parseReference, sameReference } from '../image/reference';
import type { BaseName } from './containerDockerfile';

/**
 * How a Dockerfile names an image: by the digest that a registry gave it, else by a tag, else by its id. A containerd
 * store gives every image a digest, pulled or not; there it names nothing that a builder would find, so the tag stands.
 *
 * @param preferred what the container was made from, as it was written
 */
export function baseNameOf({ id, references, digests }: Pick<ImageDetails, 'id' | 'references' | 'digests'>, preferred: string): BaseName {
	const tag = references.find(reference => sameReference(reference, preferred)) ?? references[0];
	const repository = tag === undefined ? undefined : parseReference(tag);
	const ofRegistry = digests.filter(digest => !digest.endsWith(`@${id}`));
	const digest = ofRegistry.find(one => {
		const parsed = parseReference(one);
		return parsed !== undefined && repository !== undefined && familiarName(parsed) === familiarName(repository);
	}) ?? ofRegistry[0];
	return digest !== undefined ? { text: digest, kind: 'digest', imageId: id }
		: tag !== undefined ? { text: tag, kind: 'tag', imageId: id }
		: { text: id, kind: 'id', imageId: id };
}
