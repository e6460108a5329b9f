import type { Engine, ImageSummary, RemovedImage } from '../core/engine/engine';
import { EngineError, isEngineError } from '../core/engine/engineError';
import { chainIds } from '../core/image/digest';
import { planRemoval, untaggedImages, type RemovalPlan, type RemovalWish, type RemovalWorld } from '../core/removalPlan';
import { vanishingLayers, type VanishingLayers } from '../core/vanishingLayers';
import { imageLayers } from './imageLayers';
import type { ImageAnswers } from './imageRows';

export interface PreparedRemoval {
	readonly wishes: readonly RemovalWish[];
	readonly plan: RemovalPlan;
	readonly layers: VanishingLayers;
	/** As they were when the plan was made, by id. */
	readonly images: ReadonlyMap<string, ImageSummary>;
}

/** Engines answer several such questions at a time; more at once only queue there. */
const atOnce = 8;

/** The build cache's list may take minutes on a crowded engine; then it is not waited for. Milliseconds. */
const cachePatience = 3000;

/** What removing these would do, from the engine's state now. Nothing is changed. Throws `EngineError`. */
export async function prepareRemoval(engine: Engine, answers: ImageAnswers, wishes: readonly RemovalWish[], signal: AbortSignal): Promise<PreparedRemoval> {
	const world = await removalWorld(engine, signal);
	const plan = planRemoval(world, wishes);
	const images = new Map(world.images.map(image => [image.id, image]));
	const going = await inTurns(eachPlatform(plan.deleted, images), ({ id, platform }) => imageLayers(answers, id, platform), signal);
	const holders = await inTurns(eachPlatform(holderIds(world, plan), images), async ({ id, platform }) => ({ imageId: id, chainIds: chainIds((await answers.details(id, platform)).diffIds) }), signal);
	return {
		wishes: world.kind === 'podman' ? wishes.map(({ name }) => ({ name, force: false })) : wishes,
		plan,
		layers: vanishingLayers(going, holders, going.length === 0 ? [] : await sharedCacheSizes(engine, world, signal), world.imageStore === 'containerd'),
		images,
	};
}

/** Images without a name that a prune would take, newest first. Throws `EngineError`. */
export async function findUntagged(engine: Engine, signal: AbortSignal): Promise<readonly ImageSummary[]> {
	return untaggedImages(await engine.allImages(signal)).toSorted((a, b) => b.createdAt - a.createdAt);
}

/**
 * Removes what was prepared, one after the other. Throws `conflict` before anything is removed where a name has come to
 * mean another image since; `done` is told of every answer, so that what was removed before a failure is known.
 */
export async function carryOutRemoval(engine: Engine, { wishes, images }: PreparedRemoval, done: (removed: readonly RemovedImage[]) => void): Promise<void> {
	const now = await engine.allImages();
	for (const { name } of wishes) {
		const before = [...images.values()].find(image => isNamed(image, name));
		if (before?.id !== now.find(image => isNamed(image, name))?.id) {
			throw new EngineError('conflict', `${name} changed meanwhile`, name);
		}
	}
	for (const { name, force } of wishes) {
		done(await engine.removeImage(name, { force }).catch((error: unknown) => goneAllTheSame(error, engine, images, name)));
	}
}

/**
 * Podman takes an image's nameless parents along, and where a container holds one of these it tells of that conflict only:
 * the image itself has gone (containers/common libimage/image.go, `removeRecursive`).
 */
async function goneAllTheSame(error: unknown, engine: Engine, before: PreparedRemoval['images'], name: string): Promise<readonly RemovedImage[]> {
	const image = [...before.values()].find(candidate => isNamed(candidate, name));
	if (!isEngineError(error) || error.reason !== 'conflict' || image === undefined) {
		throw error;
	}
	const now = new Set((await engine.allImages()).map(({ id }) => id));
	if (now.has(image.id)) {
		throw error;
	}
	const gone: RemovedImage[] = image.references.map(reference => ({ kind: 'untagged', reference }));
	for (let at: ImageSummary | undefined = image; at !== undefined && !now.has(at.id); at = before.get(at.parentId ?? '')) {
		gone.push({ kind: 'deleted', reference: at.id });
	}
	return gone;
}

function isNamed({ id, references, digests }: ImageSummary, name: string): boolean {
	return id === name || references.includes(name) || digests.includes(name);
}

async function removalWorld(engine: Engine, signal: AbortSignal): Promise<RemovalWorld> {
	const [images, containers, { imageStore, kind }] = await Promise.all([engine.allImages(signal), engine.containers(signal), engine.info()]);
	return { images, containers, imageStore, kind };
}

/**
 * Whose layers have to be known to say which stay: of the images left those that no other is built upon (the others'
 * layers are among theirs), and the image of every container. An image that shares nothing with any holds nothing.
 */
function holderIds({ images, containers }: RemovalWorld, { deleted, left }: RemovalPlan): readonly string[] {
	if (deleted.length === 0) {
		return [];
	}
	const parents = new Set(left.map(({ parentId }) => parentId));
	const ofContainers = new Set(containers.map(({ imageId }) => imageId));
	const known = new Set(images.map(({ id }) => id));
	return [...new Set([
		...left.filter(({ id, sharedBytes }) => !parents.has(id) && sharedBytes !== 0).map(({ id }) => id),
		...[...ofContainers].filter(id => known.has(id)),
	])];
}

/** Images as they have layers: one for several platforms has those of each that is here. */
function eachPlatform(ids: readonly string[], images: ReadonlyMap<string, ImageSummary>): readonly { readonly id: string; readonly platform: string | undefined }[] {
	return ids.flatMap(id => {
		const present = images.get(id)?.platforms.filter(({ isReadable }) => isReadable) ?? [];
		return (present.length > 1 ? present.map(({ name }) => name) : [undefined]).map(platform => ({ id, platform }));
	});
}

/** Undefined where the engine does not tell: the containerd store's records count each layer's compressed copy too. */
async function sharedCacheSizes(engine: Engine, { imageStore }: RemovalWorld, signal: AbortSignal): Promise<readonly number[] | undefined> {
	if (imageStore === 'containerd') {
		return undefined;
	}
	const records = await engine.cacheRecords(AbortSignal.any([signal, AbortSignal.timeout(cachePatience)])).catch(() => undefined);
	signal.throwIfAborted();
	return records?.filter(({ shared }) => shared).map(({ sizeBytes }) => sizeBytes);
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>, signal: AbortSignal): Promise<readonly R[]> {
	const results: R[] = [];
	for (let at = 0; at < items.length; at += atOnce) {
		signal.throwIfAborted();
		results.push(...await Promise.all(items.slice(at, at + atOnce).map(work)));
	}
	return results;
}
