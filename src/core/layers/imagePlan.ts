import { isDigest, sha256Of } from '../image/digest';
import type { ImageChoice } from '../image/imageSource';
import {
	dockerManifests, formatPlatform, imageConfig, imageManifest, indexManifests, isAttestation, layerHistory, matchesPlatform, referencesOf,
	type Descriptor, type DockerManifest, type ImageConfig,
} from '../image/manifest';
import { sameReference } from '../image/reference';
import { ArchiveError, exceeded } from './archiveError';
import type { LayerIndex } from './layerIndex';
import type { LayeredImage } from './layeredImage';
import type { ArchiveLimits } from './limits';

/** The files of an archive or a layout folder, whichever way they are read. Paths are as manifests write them. */
export interface ArchiveFiles {
	/** Undefined where there is no such file. */
	json(path: string): Promise<Buffer | undefined>;
	/** Throws `missingBlob`, and whatever is wrong with the layer. */
	layer(path: string, diffId: string): Promise<LayerIndex>;
	/** The path of the entry that holds a file, links followed. */
	resolve(path: string): Promise<string>;
}

/** An image that an archive offers. */
export interface OfferedImage {
	readonly references: readonly string[];
	/** Undefined where the index does not say; the config does. */
	readonly platform: string | undefined;
	readonly configPath: string;
	/** Lowest layer first. */
	readonly layerPaths: readonly string[];
}

/** Where an image's parts are and what its config says. */
export interface ImagePlan extends OfferedImage {
	readonly configDigest: string;
	readonly config: ImageConfig;
}

/** Reads the manifests and picks the image that is asked for. Throws `ArchiveError`. */
export async function planImage(files: ArchiveFiles, choice: ImageChoice, limits: ArchiveLimits): Promise<ImagePlan> {
	const offered = await offeredImages(files, limits);
	const named = choice.image === undefined ? offered : offered.filter(image => isCalled(image, choice.image!));
	const plans: ImagePlan[] = [];
	for (const image of named) {
		const plan = await withConfig(files, image);
		if (plan !== undefined && (choice.platform === undefined || matchesPlatform(plan.config, choice.platform))) {
			plans.push(plan);
		}
	}
	const plan = plans.find(({ config }) => matchesPlatform(config, hostPlatform)) ?? plans[0];
	if (plan === undefined) {
		const asked = [choice.image, choice.platform].filter(part => part !== undefined).join(' ');
		throw new ArchiveError('noImage', asked === '' ? undefined : asked, { found: offered.map(describe).join(', ') });
	}
	return plan;
}

/** All images of an archive, attestations left out. Throws `notArchive` where nothing says that it is one. */
export async function offeredImages(files: ArchiveFiles, limits: ArchiveLimits): Promise<readonly OfferedImage[]> {
	const docker = await files.json('manifest.json');
	const index = await files.json('index.json');
	if (docker === undefined && index === undefined) {
		throw new ArchiveError('notArchive');
	}
	const saved = docker === undefined ? [] : fromDocker(read(docker, 'manifest.json', dockerManifests));
	// docker save writes both; its manifest.json says it all for one platform, the index may tell of more.
	const indexed = index === undefined ? [] : await fromIndex(files, index, 'index.json', limits, 0);
	const known = new Set(saved.map(image => image.configPath));
	return [...saved, ...indexed.filter(image => !known.has(image.configPath))];
}

/** The image that is asked for, each layer verified against its diffID. */
export async function readImage(files: ArchiveFiles, choice: ImageChoice, limits: ArchiveLimits): Promise<LayeredImage> {
	const plan = await planImage(files, choice, limits);
	const { config, layerPaths } = plan;
	const history = layerHistory(config);
	const indexes = new Map<string, LayerIndex>();
	const paths: string[] = [];
	for (const [at, diffId] of config.diffIds.entries()) {
		const path = layerPaths[at]!;
		const index = indexes.get(diffId) ?? await files.layer(path, diffId);
		if (index.diffId !== diffId) {
			throw new ArchiveError('digestMismatch', path, { found: index.diffId });
		}
		indexes.set(diffId, index);
		paths.push(await files.resolve(path));
	}
	return {
		references: plan.references,
		configDigest: plan.configDigest,
		os: config.os,
		architecture: config.architecture,
		variant: config.variant,
		history: config.history,
		layers: config.diffIds.map((diffId, at) => ({
			diffId,
			createdBy: history[at]?.createdBy,
			createdAt: history[at]?.createdAt,
			comment: history[at]?.comment,
			path: paths[at],
			index: indexes.get(diffId)!,
		})),
	};
}

const hostPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** Undefined where the config is not in the archive: an index may tell of platforms that were not saved. */
async function withConfig(files: ArchiveFiles, image: OfferedImage): Promise<ImagePlan | undefined> {
	const bytes = await files.json(image.configPath);
	if (bytes === undefined) {
		return undefined;
	}
	const configDigest = sha256Of(bytes);
	const claimed = /([0-9a-f]{64})(?:\.json)?$/.exec(image.configPath)?.[1];
	if (claimed !== undefined && configDigest !== `sha256:${claimed}`) {
		throw new ArchiveError('digestMismatch', image.configPath, { found: configDigest });
	}
	const config = read(bytes, image.configPath, imageConfig);
	if (config.diffIds.length !== image.layerPaths.length) {
		throw new ArchiveError('badManifest', image.configPath, { found: `${image.layerPaths.length} layers, ${config.diffIds.length} diffIDs` });
	}
	return { ...image, configDigest, config };
}

function fromDocker(manifests: readonly DockerManifest[]): readonly OfferedImage[] {
	return manifests.map(({ references, config, layers }) => ({ references, platform: undefined, configPath: config, layerPaths: layers }));
}

async function fromIndex(files: ArchiveFiles, bytes: Buffer, path: string, limits: ArchiveLimits, depth: number, above: readonly string[] = []): Promise<readonly OfferedImage[]> {
	if (depth >= limits.indexDepth) {
		throw exceeded(limits, 'indexDepth', path);
	}
	const images: OfferedImage[] = [];
	for (const manifest of read(bytes, path, indexManifests)) {
		if (isAttestation(manifest)) {
			continue;
		}
		const blob = blobPath(manifest);
		const json = await files.json(blob);
		const references = [...above, ...referencesOf(manifest)];
		if (json === undefined) {
			continue;
		}
		if (sha256Of(json) !== manifest.digest && manifest.digest.startsWith('sha256:')) {
			throw new ArchiveError('digestMismatch', blob, { found: sha256Of(json) });
		}
		const parsed = parseJson(json, blob);
		if (indexManifests(parsed) !== undefined) {
			images.push(...await fromIndex(files, json, blob, limits, depth + 1, references));
			continue;
		}
		const image = imageManifest(parsed);
		if (image === undefined) {
			throw new ArchiveError('badManifest', blob);
		}
		// Signatures, bills of materials and charts are manifests too, with configs of their own kinds.
		if (image.config.mediaType === undefined || imageConfigTypes.has(image.config.mediaType)) {
			images.push({
				references,
				platform: manifest.platform === undefined ? undefined : formatPlatform(manifest.platform),
				configPath: blobPath(image.config),
				layerPaths: image.layers.map(blobPath),
			});
		}
	}
	return images;
}

const imageConfigTypes = new Set(['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json']);

function blobPath({ digest }: Descriptor): string {
	return `blobs/${digest.replace(':', '/')}`;
}

function read<T>(bytes: Buffer, path: string, reader: (json: unknown) => T | undefined): T {
	const value = reader(parseJson(bytes, path));
	if (value === undefined) {
		throw new ArchiveError('badManifest', path);
	}
	return value;
}

function parseJson(bytes: Buffer, path: string): unknown {
	try {
		return JSON.parse(bytes.toString('utf8'));
	} catch (cause) {
		throw new ArchiveError('badJson', path, { cause });
	}
}

function isCalled(image: OfferedImage, name: string): boolean {
	return image.references.some(reference => sameReference(reference, name))
		|| (isDigest(name) && image.configPath.includes(name.slice(name.indexOf(':') + 1)));
}

function describe(image: OfferedImage): string {
	return [image.references[0] ?? image.configPath, image.platform].filter(part => part !== undefined).join(' ');
}
