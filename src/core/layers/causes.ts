import { buildTools } from './buildTools';
import { cause, directories, wastedBelow, type Part } from './causeParts';
import { causeOfDirectory } from './causeRules';
import type { LayeredImage, LayerStack } from './layeredImage';
import { stackOf } from './layeredImage';
import { childNamed, hashBytes, hashOf, noContent, pathOf, type LayerIndex } from './layerIndex';
import { nameBytes } from './nameBytes';
import type { Waste } from './waste';

/**
 * Why a layer is larger than it need be, as its real content shows. Caches and lists: package managers' leftovers.
 * `buildTools`: compilers, headers and static libraries that the final tree still has. `metadataCopy`: the layer holds
 * files again whose content did not change (chmod, chown, touch). `duplicateContent`: the layer holds content that a
 * lower layer has under another path. `gitFolder`, `nodeModules`: a repository's history, installed packages.
 * `manyLayers`: the image is near the engine's limit (127).
 */
export type CauseKind =
	| 'aptLists' | 'aptArchives' | 'apkCache' | 'dnfCache' | 'pipCache' | 'npmCache' | 'yarnCache' | 'goCache' | 'cargoCache' | 'mavenCache' | 'gradleCache'
	| 'buildTools' | 'metadataCopy' | 'duplicateContent' | 'gitFolder' | 'nodeModules' | 'manyLayers';

export interface Cause {
	readonly kind: CauseKind;
	/** Position of the layer that holds the bytes, lowest 0. */
	readonly layer: number;
	/** Bytes of file content in that layer which need not be there. */
	readonly bytes: number;
	/** How many of these bytes are waste already, because a later layer buried them. */
	readonly wastedBytes: number;
	readonly files: number;
	/** Where: directories, or files where they are single; the largest first, at most ten. */
	readonly paths: readonly string[];
	/** For copies and duplicates: the layer that had the content first. */
	readonly firstLayer: number | undefined;
	/** For build tools: the packages they came in, as far as dpkg's or apk's database in that layer names them; at most ten. */
	readonly packages: readonly string[];
}

/** Largest first. */
export function causesOf(image: LayeredImage, waste: Waste): readonly Cause[] {
	const stack = stackOf(image);
	const copies = metadataCopies(stack, waste);
	const found = [
		...stack.flatMap((index, layer) => directoryCauses(index, layer, image.layers[layer]!.createdBy, waste)),
		...buildTools(stack, waste),
		...copies.causes,
		...duplicates(stack, waste, copies.contents),
	];
	found.sort((left, right) => right.bytes - left.bytes || left.layer - right.layer);
	return stack.length < layerAlarm ? found : [{ kind: 'manyLayers', layer: stack.length - 1, bytes: 0, wastedBytes: 0, files: stack.length, paths: [], firstLayer: undefined, packages: [] }, ...found];
}

/** Engines mount at most 127 layers (moby, layer/layer.go maxLayerDepth, overlay2). */
const layerAlarm = 100;
/** Smaller equal files are common and cost nothing that is worth a line. */
const leastDuplicateBytes = 4096;

function directoryCauses(index: LayerIndex, layer: number, createdBy: string | undefined, waste: Waste): readonly Cause[] {
	const parts = new Map<CauseKind, Part[]>();
	for (const [node, path] of directories(index, path => causeOfDirectory(path, createdBy) === undefined)) {
		const kind = causeOfDirectory(path, createdBy);
		const bytes = kind === undefined ? 0 : ownBytes(index, node);
		if (kind !== undefined && bytes > 0) {
			const same = parts.get(kind) ?? [];
			same.push({ path, bytes, files: index.subtreeFiles[node]! });
			parts.set(kind, same);
		}
	}
	return Array.from(parts, ([kind, found]) => cause(kind, layer, found, wastedBelow(waste, layer, found.map(part => part.path))));
}

/** Bytes that go with a directory: pnpm and uv link from their caches, and what has a name elsewhere stays. */
function ownBytes(index: LayerIndex, directory: number): number {
	const names = new Map<number, number>();
	const pending = [directory];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		const content = index.content[node]!;
		if (content !== noContent) {
			names.set(content, (names.get(content) ?? 0) + 1);
		}
		for (let child = index.firstChild[node]!; child < index.firstChild[node + 1]!; child++) {
			pending.push(child);
		}
	}
	return Array.from(names).reduce((sum, [content, count]) => sum + (count === index.contentNames[content] ? index.contentSize[content]! : 0), 0);
}

/** Files whose path was written again with the content it had. The bytes are those of the layer that wrote again. */
function metadataCopies(stack: LayerStack, waste: Waste): { readonly causes: readonly Cause[]; readonly contents: ReadonlySet<string> } {
	const contents = new Set<string>();
	const parts = new Map<string, { readonly layer: number; readonly firstLayer: number; readonly parts: Part[] }>();
	for (const { path, bytes, addedIn, buriedIn, how } of waste.files) {
		const before = how === 'overwritten' ? contentAt(stack[addedIn]!, path) : undefined;
		const after = before === undefined ? undefined : contentAt(stack[buriedIn]!, path);
		if (before === undefined || after === undefined || after.hash === undefined || before.hash !== after.hash) {
			continue;
		}
		contents.add(`${buriedIn} ${after.content}`);
		const key = `${addedIn} ${buriedIn}`;
		const same = parts.get(key) ?? { layer: buriedIn, firstLayer: addedIn, parts: [] };
		same.parts.push({ path, bytes, files: 1 });
		parts.set(key, same);
	}
	const causes = Array.from(parts.values(), found =>
		cause('metadataCopy', found.layer, found.parts, found.parts.reduce((sum, part) => sum + part.bytes, 0), found.firstLayer));
	return { causes, contents };
}

function contentAt(index: LayerIndex, path: string): { readonly content: number; readonly hash: string | undefined } | undefined {
	let node: number | undefined = 0;
	for (const name of path.split('/').slice(1)) {
		node = node === undefined ? undefined : childNamed(index, node, nameBytes(name));
	}
	const content = node === undefined ? noContent : index.content[node]!;
	return content === noContent ? undefined : { content, hash: hashOf(index, content) };
}

function duplicates(stack: LayerStack, waste: Waste, copies: ReadonlySet<string>): readonly Cause[] {
	const firstLayer = new Map<string, number>();
	const parts = new Map<string, { readonly layer: number; readonly firstLayer: number; readonly parts: Part[] }>();
	for (const [layer, index] of stack.entries()) {
		for (let content = 0; content < index.contentCount; content++) {
			const hash = index.contentHash.toString('latin1', content * hashBytes, (content + 1) * hashBytes);
			if (index.contentSize[content]! < leastDuplicateBytes || hash === unknownHash) {
				continue;
			}
			const first = firstLayer.get(hash);
			if (first === undefined) {
				firstLayer.set(hash, layer);
			} else if (first !== layer && !copies.has(`${layer} ${content}`)) {
				const key = `${first} ${layer}`;
				const same = parts.get(key) ?? { layer, firstLayer: first, parts: [] };
				same.parts.push({ path: pathOf(index, index.contentNode[content]!), bytes: index.contentSize[content]!, files: 1 });
				parts.set(key, same);
			}
		}
	}
	const wastedAt = new Map(waste.files.map(({ addedIn, path, bytes }) => [`${addedIn} ${path}`, bytes]));
	return Array.from(parts.values(), found => {
		const wasted = found.parts.reduce((sum, { path }) => sum + (wastedAt.get(`${found.layer} ${path}`) ?? 0), 0);
		return cause('duplicateContent', found.layer, found.parts, wasted, found.firstLayer);
	});
}

const unknownHash = '\0'.repeat(hashBytes);
