import type { ContainerSummary, ImageSummary } from './engine/engine';

/** What an engine has that a removal depends on. */
export interface RemovalWorld {
	/** All images, the classic builder's intermediate ones too. */
	readonly images: readonly ImageSummary[];
	readonly containers: readonly Pick<ContainerSummary, 'name' | 'imageId' | 'state'>[];
	/** As `EngineInfo` has them. */
	readonly imageStore: string;
	readonly kind: 'docker' | 'podman';
}

export interface RemovalWish {
	/** `repository:tag`, or an image's id. */
	readonly name: string;
	readonly force: boolean;
}

/** What keeps an image: other images built upon it, containers made from it, or names in several repositories. */
export interface Hold {
	readonly kind: 'children' | 'running' | 'stopped' | 'names';
	/** Image ids, containers' names, or references. */
	readonly by: readonly string[];
}

export interface RemovalPlan {
	/** Names that go, in the engine's words. */
	readonly untagged: readonly string[];
	/** Ids of the images that go, in the order in which they do. */
	readonly deleted: readonly string[];
	/** Images that lose their last name and stay all the same. */
	readonly staying: readonly { readonly imageId: string; readonly hold: Hold }[];
	/** What the engine refuses to do, and why. `forcible`: it would, if forced. */
	readonly refused: readonly { readonly name: string; readonly hold: Hold; readonly forcible: boolean }[];
	/** The images that are left, with the names they keep. */
	readonly left: readonly ImageSummary[];
}

/**
 * What the engine will do when these are removed one after the other, by its own rules (moby
 * daemon/images/image_delete.go): a name goes first; with its last name an image goes, unless something holds it; and
 * with an image its parents go, as long as they have no name, no other child and no container.
 *
 * On the containerd store (daemon/containerd/image_delete.go) the digests listed beside a tag are no names of their own.
 * What is built upon an image keeps it only where its last name goes without force (the engine says *deleted* all the
 * same), and does not keep a parent; a container keeps it even then by force. Parents stay where several names go at once.
 *
 * Podman (containers/common libimage) removes with an image, by force, the containers that use it or its layers, running
 * ones too: so nothing is ever forced there.
 */
export function planRemoval(world: RemovalWorld, wishes: readonly RemovalWish[]): RemovalPlan {
	const isContainerd = world.imageStore === 'containerd';
	const isPodman = world.kind === 'podman';
	const hasTagsOnly = isContainerd || isPodman;
	const namesOf = ({ references, digests }: ImageSummary): readonly string[] => hasTagsOnly && references.length > 0 ? references : [...references, ...digests];
	const left = new Map(world.images.map(image => [image.id, { image, names: namesOf(image) }]));
	const untagged: string[] = [];
	const deleted: string[] = [];
	const staying: RemovalPlan['staying'][number][] = [];
	const refused: RemovalPlan['refused'][number][] = [];

	const containersOf = (id: string, isWanted: (isRunning: boolean) => boolean): readonly string[] =>
		world.containers.filter(({ imageId, state }) => imageId === id && isWanted(runningStates.has(state))).map(({ name }) => name);
	const childrenHold = (id: string): Hold | undefined => holdOf('children', [...left.values()].filter(({ image }) => image.parentId === id).map(({ image }) => image.id));
	const runningHold = (id: string): Hold | undefined => holdOf('running', containersOf(id, isRunning => isRunning));
	const stoppedHold = (id: string): Hold | undefined => holdOf('stopped', containersOf(id, isRunning => !isRunning));
	const hardHold = (id: string): Hold | undefined => (isContainerd || isPodman ? undefined : childrenHold(id)) ?? runningHold(id);
	const take = (id: string, goes: (name: string) => boolean): void => {
		const entry = left.get(id);
		if (entry !== undefined) {
			untagged.push(...entry.names.filter(goes));
			entry.names = entry.names.filter(name => !goes(name));
		}
	};
	/** Undefined: done. */
	const remove = (id: string, force: boolean): { readonly hold: Hold; readonly forcible: boolean } | undefined => {
		const names = left.get(id)?.names ?? [];
		const hard = hardHold(id);
		const soft = force ? undefined : holdOf('names', names) ?? stoppedHold(id);
		const hold = hard ?? soft;
		if (hold !== undefined) {
			return { hold, forcible: hard === undefined };
		}
		const parent = left.get(id)?.image.parentId;
		take(id, () => true);
		left.delete(id);
		deleted.push(id);
		if (parent !== undefined && left.has(parent) && !(isContainerd && names.length > 1) && !(isPodman && childrenHold(parent))) {
			remove(parent, false);
		}
		return undefined;
	};
	const removeName = (id: string, { name, force }: RemovalWish): void => {
		const names = left.get(id)?.names ?? [];
		const hold = force || !isOneName(names) ? undefined : runningHold(id) ?? stoppedHold(id);
		if (hold !== undefined) {
			refused.push({ name, hold, forcible: true });
			return;
		}
		take(id, other => other === name);
		const repository = repositoryOf(name);
		if (!left.get(id)?.names.some(other => !isDigestName(other) && repositoryOf(other) === repository)) {
			take(id, other => repositoryOf(other) === repository);
		}
		if (left.get(id)?.names.length === 0) {
			const keeps = isContainerd ? force ? runningHold(id) ?? stoppedHold(id) : childrenHold(id) : undefined;
			const hold = keeps ?? remove(id, force)?.hold;
			if (hold !== undefined) {
				staying.push({ imageId: id, hold });
			}
		}
	};
	const removeId = (id: string, { name, force }: RemovalWish): void => {
		const names = left.get(id)?.names ?? [];
		if (isOneName(names)) {
			const hard = hardHold(id);
			const hold = hard ?? (force ? undefined : stoppedHold(id));
			if (hold !== undefined) {
				refused.push({ name, hold, forcible: hard === undefined });
				return;
			}
			take(id, () => true);
		}
		const kept = remove(id, force);
		if (kept !== undefined) {
			refused.push({ name, ...kept });
		}
	};

	for (const wish of wishes.map(given => ({ ...given, force: given.force && !isPodman }))) {
		const named = [...left].find(([, { names }]) => names.includes(wish.name))?.[0];
		if (named !== undefined) {
			removeName(named, wish);
		} else if (left.has(wish.name)) {
			removeId(wish.name, wish);
		}
	}
	return {
		untagged, deleted, staying,
		refused: isPodman ? refused.map(one => ({ ...one, forcible: false })) : refused,
		left: [...left.values()].map(({ image, names }) => ({
			...image, references: names.filter(name => !isDigestName(name)), digests: hasTagsOnly && names.length > 0 ? image.digests : names.filter(isDigestName),
		})),
	};
}

/** Images without a name that nothing is built upon: what *prune* takes. */
export function untaggedImages(images: readonly ImageSummary[]): readonly ImageSummary[] {
	const parents = new Set(images.map(({ parentId }) => parentId));
	return images.filter(({ id, references, digests }) => references.length === 0 && digests.length === 0 && !parents.has(id));
}

const runningStates: ReadonlySet<string> = new Set(['running', 'paused', 'restarting']);

function holdOf(kind: Hold['kind'], by: readonly string[]): Hold | undefined {
	return by.length === 0 ? undefined : { kind, by };
}

/** At most one tag, and every digest of the same repository (`isSingleReference`). */
function isOneName(names: readonly string[]): boolean {
	return names.filter(name => !isDigestName(name)).length <= 1 && new Set(names.map(repositoryOf)).size <= 1;
}

function isDigestName(name: string): boolean {
	return name.includes('@');
}

/** `host:5000/a/b:tag` and `host:5000/a/b@sha256:…` → `host:5000/a/b`. */
function repositoryOf(name: string): string {
	return name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}
