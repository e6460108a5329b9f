import { enginePlatform } from '../build/buildOptions';
import type { Builder, EngineInfo } from '../engine/engine';

/**
 * By which rules a builder decides whether it can reuse a step. Found by experiment on Docker 20.10 and 28.5 and read in
 * BuildKit's `solver/llbsolver/ops` and moby's `builder/dockerfile`.
 */
export interface CacheRules {
	readonly builder: Builder;
	/** `old`: BuildKit as in Docker 20.10, which keys cache mounts by their id and knows no heredocs. */
	readonly generation: 'old' | 'current';
	/**
	 * What stands for a base image: its layers (BuildKit on a layer store), its digest (BuildKit on the containerd store),
	 * its id (classic builder).
	 */
	readonly baseKey: 'layers' | 'digest' | 'imageId';
	/** Whether `COPY --link` makes a step of its own that does not depend on its parent. Ignored on layer stores. */
	readonly mergesLinks: boolean;
	/** `os/arch` of the engine: what a build without a platform is for. */
	readonly platform: string;
	/** Inputs recorded under one id are comparable with each other only. */
	readonly id: string;
}

const firstCurrent = 23;

/** The rules of this engine and builder; undefined where they are not known (Podman), so that nothing can be foretold. */
export function cacheRulesOf(engine: EngineInfo, builder: Builder): CacheRules | undefined {
	if (engine.kind !== 'docker') {
		return undefined;
	}
	const major = Number.parseInt(engine.version, 10);
	const generation = builder === 'buildkit' && major < firstCurrent ? 'old' : 'current';
	const hasContainerdStore = engine.imageStore === 'containerd';
	const baseKey = builder === 'classic' ? 'imageId' : hasContainerdStore ? 'digest' : 'layers';
	return {
		builder,
		generation,
		baseKey,
		mergesLinks: builder === 'buildkit' && generation === 'current' && hasContainerdStore,
		platform: enginePlatform(engine),
		id: `${builder}-${generation}-${baseKey}`,
	};
}
