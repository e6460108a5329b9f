import type { Builder } from '../../src/core/engine/engine';
import type { TestEngine } from './engines';

/** Where engines differ, and what a test expects of each: data that tests read, where they would otherwise have to be left out. */
export interface EngineTraits {
	/** What it says that its version is begins with this. */
	readonly version: string;
	/** BuildKit's frontend before Docker 23 knows no heredocs, and keys cache mounts by their id. */
	readonly hasOldBuildKit: boolean;
	/** BuildKit's frontend checks the Dockerfile's style from Docker 27 on. */
	readonly warnsOfStyle: boolean;
	/** The containerd store, else a store of layers. */
	readonly store: 'layers' | 'containerd';
	/**
	 * Removing a record of BuildKit's cache costs no other. On the containerd store it does; so Strata leaves uploads in the
	 * cache there, until the engine clears it by itself.
	 */
	readonly keepsCacheOnPrune: boolean;
	/** An image that is loaded knows which other it is built upon. */
	readonly loadsParents: boolean;
	/** The answer of a removal names the layers that went, and the build cache tells which it shares with images. */
	readonly tellsLayers: boolean;
	/** Builders that write a file into a layer again when all that it got is another hard link. */
	readonly copiesLinked: readonly Builder[];
}

/** What an instruction writes. */
export interface Written {
	/** Bytes of each file. */
	readonly files?: readonly number[];
	/** Folders that are made or changed, the root (which is always one of them) aside. */
	readonly folders?: number;
	/** Whether a file of a layer below is removed. */
	readonly removes?: boolean;
}

export function traitsOf({ name }: TestEngine): EngineTraits {
	const [version = '', store] = name.split('-');
	const major = Number.parseInt(version, 10);
	return {
		version,
		hasOldBuildKit: major < 23,
		warnsOfStyle: major >= 27,
		store: store === 'containerd' ? 'containerd' : 'layers',
		keepsCacheOnPrune: store !== 'containerd',
		loadsParents: store !== 'containerd',
		tellsLayers: store !== 'containerd',
		copiesLinked: store === 'containerd' ? ['classic'] : ['buildkit', 'classic'],
	};
}

const blockBytes = 4096;

/**
 * What the engine's history says of a layer: the bytes of its files; on the containerd store what its snapshot takes on
 * disk, which is whole blocks, and one for each folder. There the classic builder makes no snapshot where nothing changed,
 * whereas BuildKit always does; and `isRecord`, its cache record, has one block more where something was removed.
 */
export function layerBytes({ store }: EngineTraits, { files = [], folders = 0, removes = false }: Written, builder: Builder = 'classic', isRecord = false): number {
	if (store === 'layers') {
		return files.reduce((sum, bytes) => sum + bytes, 0);
	}
	if (builder === 'classic' && files.length === 0 && folders === 0 && !removes) {
		return 0;
	}
	const blocks = files.reduce((sum, bytes) => sum + Math.ceil(bytes / blockBytes), 0);
	return (1 + folders + blocks + (removes && isRecord ? 1 : 0)) * blockBytes;
}
