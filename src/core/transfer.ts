import type { TransferMessage } from './engine/engine';

export type LayerPhase = 'waiting' | 'exists' | 'downloading' | 'verifying' | 'downloaded' | 'extracting' | 'pushing' | 'retrying' | 'done' | 'stopped';

/** One layer on its way. */
export interface TransferLayer {
	/** As the engine shortens it: of the compressed blob for a pull, of the diffID for a push. */
	readonly id: string;
	readonly phase: LayerPhase;
	/** Bytes of this phase so far, and in all, where the engine counts them. */
	readonly bytes: number | undefined;
	readonly totalBytes: number | undefined;
	/** Bytes that went over the network, compressed; undefined where none was counted: small layers are done at once. */
	readonly movedBytes: number | undefined;
}

/** A pull or push as far as its messages tell it. */
export interface TransferProgress {
	/** In the order of the image, lowest first. */
	readonly layers: readonly TransferLayer[];
	/** Of the manifest. */
	readonly digest: string | undefined;
	/** The engine had all of it already. */
	readonly isUpToDate: boolean;
	/** The engine's or the registry's own words. */
	readonly error: string | undefined;
}

export const noProgress: TransferProgress = { layers: [], digest: undefined, isUpToDate: false, error: undefined };

/** What is known after one more message of `POST /images/create` or `POST /images/{name}/push`. */
export function foldTransfer(progress: TransferProgress, message: TransferMessage): TransferProgress {
	const { id, status = '', error, aux } = message;
	if (error !== undefined) {
		return { ...progress, error };
	}
	const digest = /^(?:Digest: |\S+: digest: )(sha\d+:[0-9a-f]+)/.exec(status)?.[1] ?? aux?.Digest;
	if (digest !== undefined) {
		return { ...progress, digest };
	}
	if (/^Status: Image is up to date/.test(status)) {
		return { ...progress, isUpToDate: true };
	}
	const phase = phaseOf(status);
	return id === undefined || phase === undefined ? progress : { ...progress, layers: withLayer(progress.layers, id, phase, message) };
}

/** Once no message comes any more: nothing is under way, and where it succeeded everything is done. */
export function endTransfer(progress: TransferProgress, isWhole: boolean): TransferProgress {
	return {
		...progress,
		layers: progress.layers.map(layer => layer.phase === 'done' || layer.phase === 'exists' ? layer : { ...layer, phase: isWhole ? 'done' : 'stopped' }),
	};
}

/** The engine's words (moby distribution/xfer, distribution/push_v2.go, daemon/containerd/progress.go). */
const phases: ReadonlyMap<string, LayerPhase> = new Map([
	['Pulling fs layer', 'waiting'], ['Waiting', 'waiting'], ['Preparing', 'waiting'],
	['Downloading', 'downloading'], ['Verifying Checksum', 'verifying'], ['Download complete', 'downloaded'], ['Extracting', 'extracting'],
	['Pull complete', 'done'], ['Already exists', 'exists'],
	['Pushing', 'pushing'], ['Pushed', 'done'], ['Layer already exists', 'exists'],
]);

function phaseOf(status: string): LayerPhase | undefined {
	return phases.get(status) ?? (status.startsWith('Mounted from ') ? 'exists' : status.startsWith('Retrying in ') ? 'retrying' : undefined);
}

function withLayer(layers: readonly TransferLayer[], id: string, phase: LayerPhase, { progressDetail }: TransferMessage): readonly TransferLayer[] {
	const before = layers.find(layer => layer.id === id);
	const counted = countsBytes(progressDetail);
	const isMoving = phase === 'downloading' || phase === 'pushing';
	const layer: TransferLayer = {
		id, phase,
		bytes: counted ? progressDetail?.current : undefined,
		totalBytes: counted && progressDetail?.total !== undefined && progressDetail.total > 0 ? progressDetail.total : undefined,
		movedBytes: isMoving && counted ? progressDetail?.current ?? before?.movedBytes
			// Of the last piece nothing is told: a layer that was downloaded came whole.
			: phase === 'downloaded' || phase === 'verifying' ? before?.totalBytes ?? before?.movedBytes : before?.movedBytes,
	};
	return before === undefined ? [...layers, layer] : layers.map(other => other === before ? layer : other);
}

/** With a containerd image store seconds are counted while extracting. */
function countsBytes(detail: TransferMessage['progressDetail']): boolean {
	return detail !== undefined && (!('units' in detail) || detail.units === '');
}

export interface TransferSaving {
	/** Layers that did not have to be moved. */
	readonly layers: number;
	/** Their uncompressed bytes; undefined where they cannot be told. */
	readonly bytes: number | undefined;
}

/**
 * What sharing saved, once the image is there. A pull names blobs, which only their order joins with the image's layers;
 * a push names diffIDs.
 *
 * @param diffIds lowest layer first; `layerBytes` likewise
 */
export function transferSaving(kind: 'pull' | 'push', { layers, isUpToDate }: TransferProgress, diffIds: readonly string[], layerBytes: readonly (number | undefined)[]): TransferSaving {
	const places = layers.map(({ id }, at) => kind === 'pull' ? (layers.length === diffIds.length ? at : -1) : diffIds.findIndex(diffId => diffId.startsWith(`sha256:${id}`)));
	const shared = isUpToDate && layers.length === 0 ? diffIds.map((_, at) => at) : places.filter((_, at) => layers[at]?.phase === 'exists');
	const bytes = shared.map(at => layerBytes[at]);
	return {
		layers: shared.length,
		bytes: bytes.every(known => known !== undefined) ? bytes.reduce<number>((total, known) => total + (known ?? 0), 0) : undefined,
	};
}
