import type { EngineInfo } from './engine';

/** What the sizes in an engine's histories are: bytes of the layer's files, what it takes on disk unpacked, or its tar. */
export type HistoryMeasure = 'files' | 'blocks' | 'tar';

/** The containerd store tells disk use, in whole blocks of 4 KiB and folders included; Podman the length of the layer's tar. */
export function historyMeasure({ kind, imageStore }: Pick<EngineInfo, 'kind' | 'imageStore'>): HistoryMeasure {
	return kind === 'podman' ? 'tar' : imageStore === 'containerd' ? 'blocks' : 'files';
}
