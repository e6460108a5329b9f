import { isDigest, type Digest } from './digest';

/**
 * Records that say what an archive holds: `docker save`'s manifest.json, and OCI image layouts (image-layout.md,
 * image-index.md, manifest.md, config.md) with Docker's older media types. Readers take parsed JSON and return
 * undefined where it is not such a record; what is missing in a record is undefined in ours.
 */
export interface DockerManifest {
	/** Path of the config in the archive. */
	readonly config: string;
	readonly references: readonly string[];
	/** Paths in the archive, lowest layer first. */
	readonly layers: readonly string[];
}

export interface Platform {
	readonly os: string;
	readonly architecture: string;
	readonly variant: string | undefined;
}

export interface Descriptor {
	readonly mediaType: string | undefined;
	readonly digest: Digest;
	readonly platform: Platform | undefined;
	readonly annotations: Readonly<Record<string, string>>;
}

export interface ImageConfig extends Platform {
	/** Lowest layer first. */
	readonly diffIds: readonly Digest[];
	readonly history: readonly HistoryEntry[];
}

/** An item of a config's history (OCI config.md). `empty`: it made no layer. */
export interface HistoryEntry {
	readonly createdBy: string | undefined;
	/** Milliseconds since the epoch. */
	readonly createdAt: number | undefined;
	readonly comment: string | undefined;
	readonly empty: boolean;
}

export function dockerManifests(json: unknown): readonly DockerManifest[] | undefined {
	if (!Array.isArray(json)) {
		return undefined;
	}
	return allOf(json, item => {
		const { Config: config, RepoTags: tags, Layers: layers } = recordOf(item);
		const paths = layers === null ? [] : textsOf(layers);
		return typeof config !== 'string' || paths === undefined ? undefined : { config, references: textsOf(tags) ?? [], layers: paths };
	});
}

/** The manifests of an index, attestations and other artifacts included. */
export function indexManifests(json: unknown): readonly Descriptor[] | undefined {
	const { manifests } = recordOf(json);
	return Array.isArray(manifests) ? allOf(manifests, descriptor) : undefined;
}

export function imageManifest(json: unknown): { readonly config: Descriptor; readonly layers: readonly Descriptor[] } | undefined {
	const record = recordOf(json);
	const config = descriptor(record['config']);
	const layers = Array.isArray(record['layers']) ? allOf(record['layers'], descriptor) : undefined;
	return config === undefined || layers === undefined ? undefined : { config, layers };
}

export function imageConfig(json: unknown): ImageConfig | undefined {
	const record = recordOf(json);
	const { diff_ids: diffIds } = recordOf(record['rootfs']);
	const layers = diffIds === null || diffIds === undefined ? [] : textsOf(diffIds);
	if (layers?.every(isDigest) !== true) {
		return undefined;
	}
	const { history } = record;
	return {
		diffIds: layers,
		history: Array.isArray(history) ? history.map(historyEntry) : [],
		os: textOf(record['os']) ?? '',
		architecture: textOf(record['architecture']) ?? '',
		variant: textOf(record['variant']),
	};
}

/**
 * The history entry that made each layer, lowest first. Undefined for all of them where the numbers do not match: a
 * history is optional, and one that is cut cannot be laid beside the layers.
 */
export function layerHistory(config: ImageConfig): readonly (HistoryEntry | undefined)[] {
	const makers = config.history.filter(entry => !entry.empty);
	return config.diffIds.map((_, index) => makers.length === config.diffIds.length ? makers[index] : undefined);
}

/** Build attestations stand beside images in an index and are none (BuildKit, attestation-storage.md). */
export function isAttestation(descriptor: Descriptor): boolean {
	return descriptor.annotations['vnd.docker.reference.type'] === 'attestation-manifest'
		|| (descriptor.platform?.os === 'unknown' && descriptor.platform.architecture === 'unknown');
}

/** Names an image in an index carries: the whole reference where containerd wrote it, else what OCI calls its ref. */
export function referencesOf(descriptor: Descriptor): readonly string[] {
	const { annotations } = descriptor;
	const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
	return name === undefined ? [] : [name];
}

/** `os/architecture[/variant]`. */
export function formatPlatform(platform: Platform): string {
	return [platform.os, platform.architecture, platform.variant].filter(part => part !== undefined && part !== '').join('/');
}

/** True where a platform is what was asked for; a request without a variant takes any. */
export function matchesPlatform(platform: Platform, asked: string): boolean {
	const [os, architecture, variant] = asked.split('/');
	return platform.os === os && platform.architecture === architecture && (variant === undefined || variant === platform.variant);
}

function descriptor(json: unknown): Descriptor | undefined {
	const record = recordOf(json);
	const { digest, platform } = record;
	if (typeof digest !== 'string' || !isDigest(digest)) {
		return undefined;
	}
	const { os, architecture, variant } = recordOf(platform);
	return {
		mediaType: textOf(record['mediaType']),
		digest,
		platform: platform === undefined ? undefined : { os: textOf(os) ?? '', architecture: textOf(architecture) ?? '', variant: textOf(variant) },
		annotations: Object.fromEntries(Object.entries(recordOf(record['annotations'])).filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
	};
}

function historyEntry(json: unknown): HistoryEntry {
	const record = recordOf(json);
	const created = Date.parse(textOf(record['created']) ?? '');
	return {
		createdBy: textOf(record['created_by']),
		createdAt: Number.isNaN(created) ? undefined : created,
		comment: textOf(record['comment']),
		empty: record['empty_layer'] === true,
	};
}

function recordOf(json: unknown): Readonly<Record<string, unknown>> {
	return typeof json === 'object' && json !== null ? json as Record<string, unknown> : {};
}

function textOf(json: unknown): string | undefined {
	return typeof json === 'string' ? json : undefined;
}

function textsOf(json: unknown): readonly string[] | undefined {
	return Array.isArray(json) && json.every(item => typeof item === 'string') ? json : undefined;
}

function allOf<T>(items: readonly unknown[], read: (item: unknown) => T | undefined): readonly T[] | undefined {
	const all = items.map(read);
	return all.some(item => item === undefined) ? undefined : all as T[];
}
