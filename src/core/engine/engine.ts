import type { Readable } from 'node:stream';
import type { BuildKitCalls } from './buildKitCalls';
import type { ContainerCalls } from './containerCalls';
import type { ImagePlatform } from './imagePlatform';
import type { LocalRequest } from './localAnswer';
import type { PublishedPort } from './publishedPort';

/**
 * What any container engine can do, in our words. Implementations normalise the wire; no wire record leaves them.
 * Every failure is an `EngineError`; every long call ends within a second of its signal's abort.
 */
export interface Engine extends ContainerCalls, BuildKitCalls {
	readonly endpoint: Endpoint;
	info(signal?: AbortSignal): Promise<EngineInfo>;
	/** What its machine is and how it is set up (`GET /info`). */
	details(signal?: AbortSignal): Promise<EngineDetails>;
	/** What it keeps on disk (`GET /system/df`); the engine measures it anew, which may take seconds. */
	diskUsage(signal?: AbortSignal): Promise<DiskUsage>;
	/**
	 * Starts a build (`POST /build`). The tar is the build context. Yields the stream's JSON messages as they come;
	 * aborting ends the build in the engine, not only the waiting.
	 */
	build(request: BuildRequest, tar: Readable, signal: AbortSignal): AsyncIterable<BuildMessage>;
	/** Asks a running BuildKit build to end by itself, so that its last words still arrive (`POST /build/cancel`). */
	cancelBuild(buildId: string): Promise<void>;
	images(signal?: AbortSignal): Promise<readonly ImageSummary[]>;
	/** As `images`, with those that the classic builder keeps in between. */
	allImages(signal?: AbortSignal): Promise<readonly ImageSummary[]>;
	/**
	 * Throws `notFound` where there is no such image. `platform` (here and below) is `os/architecture[/variant]` of an
	 * image for several (API 1.49; older engines give their own); undefined for the engine's own.
	 */
	image(reference: string, signal?: AbortSignal, platform?: string): Promise<ImageDetails>;
	/** Newest first, as the engine gives it. */
	history(reference: string, signal?: AbortSignal, platform?: string): Promise<readonly HistoryRow[]>;
	/** The engine's own record of an image or a container, for "inspect as JSON". */
	inspectImage(reference: string): Promise<unknown>;
	inspectContainer(id: string): Promise<unknown>;
	/** The image as an archive (`GET /images/{name}/get`); without `platform` with every platform that is here. */
	saveImage(reference: string, signal: AbortSignal, platform?: string): Promise<Readable>;
	/** How a thread of its own asks for what `saveImage` gives; undefined where the engine is not on this machine. */
	saveRequest(reference: string, platform?: string): LocalRequest | undefined;
	/** Several images as one archive, in which a layer that they share stands once (`GET /images/get`), each with every platform that is here. */
	saveImages(references: readonly string[], signal: AbortSignal): Promise<Readable>;
	/** What an archive holds becomes images (`POST /images/load`). A failure of the archive's stream is thrown as it is. */
	loadImages(archive: Readable, signal: AbortSignal): AsyncIterable<TransferMessage>;
	/** An image of one layer from the tar of a file system (`POST /images/create`); its id. */
	importImage(request: ImportRequest, tar: Readable, signal: AbortSignal): Promise<string>;
	/** Aborting ends the engine's work too, and nothing half is kept. A registry's no comes as a message with `error`. */
	pullImage(request: RegistryRequest, signal: AbortSignal): AsyncIterable<TransferMessage>;
	/** As `pullImage`, the other way. A platform can be chosen of an image that has several here (`ImageSummary.platforms`). */
	pushImage(request: RegistryRequest, signal: AbortSignal): AsyncIterable<TransferMessage>;
	/** Searches Docker Hub as the engine does (`GET /images/search`). Throws `failed` where the engine does not reach it. */
	searchImages(term: string, signal?: AbortSignal): Promise<readonly FoundImage[]>;
	tagImage(id: string, reference: string): Promise<void>;
	removeImage(reference: string, options?: { readonly force?: boolean; readonly keepParents?: boolean }): Promise<readonly RemovedImage[]>;
	containers(signal?: AbortSignal): Promise<readonly ContainerSummary[]>;
	/** Bytes of each container's own writable layer, by id; the engine walks them, so this may take seconds. */
	containerSizes(signal?: AbortSignal): Promise<ReadonlyMap<string, number>>;
	/** The whole file system of a container as a tar, without what is mounted (`GET /containers/{id}/export`). */
	exportContainer(id: string, signal: AbortSignal): Promise<Readable>;
	container(id: string, signal?: AbortSignal): Promise<ContainerDetails>;
	/** Changed paths against the image, parents included, in path order. */
	changes(id: string, signal?: AbortSignal): Promise<readonly ContainerChange[]>;
	/** Size, mode and kind of one path inside a container (`HEAD /containers/{id}/archive`); undefined where it is gone. */
	statInContainer(id: string, path: string, signal?: AbortSignal): Promise<PathStat | undefined>;
	/** One path of a container as a tar (`GET /containers/{id}/archive`). */
	readFromContainer(id: string, path: string, signal?: AbortSignal): Promise<Readable>;
	commit(request: CommitRequest): Promise<string>;
	/** Build cache records; may take seconds on a busy engine, so never on a timer. */
	cacheRecords(signal?: AbortSignal): Promise<readonly CacheRecord[]>;
	/** Removes just these records. Returns the bytes freed as the engine counts them. */
	pruneCacheRecords(ids: readonly string[]): Promise<number>;
	/** `force`: a running one too. `volumes`: with the anonymous volumes that only it has. */
	removeContainer(id: string, options?: { readonly force?: boolean; readonly volumes?: boolean }): Promise<void>;
	/** Live events. Ends when aborted; throws `unreachable` when the engine goes away. */
	events(signal: AbortSignal): AsyncIterable<EngineEvent>;
}

/** Where an engine is. */
export interface Endpoint {
	/** `unix:///…`, `npipe:////./pipe/…`, `tcp://…`, `ssh://…`. */
	readonly url: string;
	/** How it was found. */
	readonly origin: 'setting' | 'environment' | 'dockerContext' | 'wellKnownSocket' | 'default';
	/** The Docker context's name, or the product a well-known socket belongs to. */
	readonly name: string | undefined;
	readonly tls: TlsMaterial | undefined;
}

export interface TlsMaterial {
	readonly ca: Buffer | undefined;
	readonly cert: Buffer | undefined;
	readonly key: Buffer | undefined;
	readonly skipVerify: boolean;
}

export interface EngineInfo {
	/** The daemon's own id: what belongs to this engine is stored under it. */
	readonly id: string;
	readonly name: string;
	readonly kind: 'docker' | 'podman';
	readonly version: string;
	/** The version spoken, negotiated: the lower of what both sides know. */
	readonly apiVersion: string;
	readonly hasBuildKit: boolean;
	/** Where image layers live: `overlay2`, or `containerd` for the containerd image store, … */
	readonly imageStore: string;
	readonly os: string;
	readonly architecture: string;
}

/** What an engine says of itself beyond `EngineInfo`; undefined where it does not say. */
export interface EngineDetails {
	readonly operatingSystem: string | undefined;
	readonly kernel: string | undefined;
	readonly cpus: number | undefined;
	readonly memoryBytes: number | undefined;
	/** Where it keeps everything, on its own machine. */
	readonly rootFolder: string | undefined;
	readonly isRootless: boolean;
	/** Addresses asked before Docker Hub. */
	readonly registryMirrors: readonly string[];
	/** Registries spoken to without TLS, or without checking it. */
	readonly insecureRegistries: readonly string[];
	readonly images: number | undefined;
	readonly containers: number | undefined;
	readonly runningContainers: number | undefined;
	/** By the engine's clock, when it was asked: ms since 1970. */
	readonly time: number | undefined;
	/** What the engine itself warns of. */
	readonly warnings: readonly string[];
}

/** Bytes on the engine's disk; undefined where it does not say. */
export interface DiskUsage {
	/** All layers of all images, those shared between images once. */
	readonly images: number | undefined;
	/** What containers wrote on top of their images. */
	readonly containers: number | undefined;
	readonly volumes: number | undefined;
	readonly buildCache: number | undefined;
}

export type Builder = 'buildkit' | 'classic';

export interface BuildRequest {
	readonly builder: Builder;
	/** For `cancelBuild`; ours. */
	readonly buildId: string;
	readonly dockerfile: string;
	readonly tags: readonly string[];
	readonly target: string | undefined;
	readonly buildArgs: Readonly<Record<string, string>>;
	readonly labels: Readonly<Record<string, string>>;
	readonly noCache: boolean;
	readonly pull: boolean;
	readonly platform: string | undefined;
	readonly network: 'default' | 'none' | 'host' | undefined;
	/** Credentials by registry host, each sent for its own registry only. */
	readonly credentials: Readonly<Record<string, RegistryCredential>>;
	/** Undefined: no RUN asks for anything. BuildKit only. */
	readonly lent: LentToRun | undefined;
}

/** What RUN may use of this machine while it runs (`--mount=type=secret`, `--mount=type=ssh`); no layer keeps any of it. */
export interface LentToRun {
	/** Contents by id, at most `longestSecret` bytes each. */
	readonly secrets: Readonly<Record<string, Uint8Array>>;
	/** Path of the SSH agent's socket; undefined: it is not lent. */
	readonly sshAgent: string | undefined;
}

/** In bytes; BuildKit takes no longer one (session/secrets/secretsprovider, MaxSecretSize). */
export const longestSecret = 500 * 1024;

export interface RegistryCredential {
	readonly username: string;
	readonly password: string;
	/** Set instead of a password where the registry gave an identity token. */
	readonly identityToken: string | undefined;
}

/** One message of the build stream, as the engine words it (Engine API, `ImageBuild`). */
export interface BuildMessage {
	readonly stream?: string;
	readonly id?: string;
	/** Base64 of a BuildKit `StatusResponse` for `moby.buildkit.trace`; `{ID}` for `moby.image.id` and classic's last. */
	readonly aux?: string | { readonly ID?: string };
	readonly error?: string;
	readonly errorDetail?: { readonly code?: number; readonly message?: string };
	readonly status?: string;
}

/** One message of a pull, push or load, as the engine words it (Engine API, `ImageCreate`, `ImagePush`, `ImageLoad`). */
export interface TransferMessage {
	/** The short id of a layer; of the first message of a pull its tag. */
	readonly id?: string;
	readonly status?: string;
	readonly progressDetail?: { readonly current?: number; readonly total?: number };
	readonly stream?: string;
	readonly error?: string;
	readonly errorDetail?: { readonly code?: number; readonly message?: string };
	/** At the end of a push. */
	readonly aux?: { readonly Tag?: string; readonly Digest?: string; readonly Size?: number };
}

export interface RegistryRequest {
	/** `repository:tag`; to be pulled perhaps with a digest. */
	readonly reference: string;
	/** `os/architecture[/variant]`; undefined: a pull is for the engine's own, a push of all that the image has. */
	readonly platform: string | undefined;
	readonly credential: RegistryCredential | undefined;
}

/** One result of a search. */
export interface FoundImage {
	readonly name: string;
	readonly description: string;
	readonly stars: number | undefined;
	readonly isOfficial: boolean;
}

export interface ImportRequest {
	/** `repository:tag`; undefined for an untagged image. */
	readonly reference: string | undefined;
	readonly message: string;
	/** Dockerfile instructions applied to the config. */
	readonly changes: readonly string[];
}

export interface ImageSummary {
	readonly id: string;
	/** `repository:tag`; empty for an untagged image. */
	readonly references: readonly string[];
	readonly digests: readonly string[];
	readonly createdAt: number;
	/** As the engine's list gives it. */
	readonly sizeBytes: number;
	/** Bytes shared with other images; undefined where the engine does not say. */
	readonly sharedBytes: number | undefined;
	/** What its index lists, what is here first; empty where the engine does not say (API 1.47, containerd store). */
	readonly platforms: readonly ImagePlatform[];
	readonly parentId: string | undefined;
	readonly labels: Readonly<Record<string, string>>;
}

export interface ImageDetails {
	readonly id: string;
	readonly references: readonly string[];
	readonly digests: readonly string[];
	readonly createdAt: number | undefined;
	readonly sizeBytes: number;
	/** diffIDs, lowest layer first. */
	readonly diffIds: readonly string[];
	readonly os: string;
	readonly architecture: string;
	readonly variant: string | undefined;
	readonly env: Readonly<Record<string, string>>;
	readonly workdir: string;
	readonly user: string;
	readonly shell: readonly string[] | undefined;
	readonly onBuild: readonly string[];
	readonly labels: Readonly<Record<string, string>>;
}

/** A row of `GET /images/{name}/history`. */
export interface HistoryRow {
	/** Undefined for `<missing>`. */
	readonly imageId: string | undefined;
	readonly createdAt: number;
	readonly createdBy: string;
	readonly sizeBytes: number;
	readonly comment: string;
	readonly references: readonly string[];
}

export interface RemovedImage {
	readonly kind: 'untagged' | 'deleted';
	readonly reference: string;
}

export interface ContainerSummary {
	readonly id: string;
	readonly name: string;
	readonly image: string;
	readonly imageId: string;
	readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead' | (string & {});
	/** The engine's sentence, e.g. `Up 2 hours`. */
	readonly status: string;
	readonly createdAt: number;
	readonly command: string;
	readonly labels: Readonly<Record<string, string>>;
	/** By their numbers in the container; none while it does not run. */
	readonly ports: readonly PublishedPort[];
}

export interface ContainerDetails extends ContainerSummary {
	readonly env: Readonly<Record<string, string>>;
	/** Mount points; what is under them is not part of a commit. */
	readonly mounts: readonly string[];
}

export interface ContainerChange {
	readonly path: string;
	readonly change: 'added' | 'modified' | 'removed';
}

export interface PathStat {
	readonly kind: 'file' | 'directory' | 'symlink' | 'other';
	readonly sizeBytes: number;
	readonly mode: number;
	readonly link: string | undefined;
}

export interface CommitRequest {
	readonly containerId: string;
	/** `repository:tag`; undefined for an untagged image. */
	readonly reference: string | undefined;
	readonly message: string;
	readonly author: string;
	/** Dockerfile instructions applied to the config. */
	readonly changes: readonly string[];
	readonly pause: boolean;
}

/** A record of the engine's build cache (Engine API, BuildCache; BuildKit `UsageRecord`). */
export interface CacheRecord {
	readonly id: string;
	readonly parents: readonly string[];
	readonly type: string;
	readonly description: string;
	readonly inUse: boolean;
	readonly shared: boolean;
	readonly sizeBytes: number;
	readonly createdAt: number | undefined;
	readonly lastUsedAt: number | undefined;
	readonly usageCount: number | undefined;
}

export interface EngineEvent {
	readonly type: 'image' | 'container' | 'builder' | (string & {});
	readonly action: string;
	readonly id: string;
	readonly attributes: Readonly<Record<string, string>>;
	/** Milliseconds since the epoch. */
	readonly at: number;
}
