import type { EngineInfo } from '../engine/engine';

/**
 * Whether removing one record of BuildKit's cache leaves the others as they are. On the containerd image store it does
 * not, as seen on 28.5: after any prune BuildKit forgets each result that it cannot load by itself (`ReleaseUnreferenced`
 * in its `solver/cachemanager.go`), which are those upon base images that the store has; their records stay listed, and
 * yet all their steps run again.
 */
export function keepsCacheOnPrune({ imageStore }: Pick<EngineInfo, 'imageStore'>): boolean {
	return imageStore !== 'containerd';
}
