import type { Builder } from '../../src/core/engine/engine';
import type { TestEngine } from './engines';

/** Where engines differ, and what a test expects of each: data that tests read, where they would otherwise have to be left out. */
export interface EngineTraits {
	readonly kind: 'docker' | 'podman';
	/** What it says that its version is begins with this. */
	readonly version: string;
	/** `EngineInfo.imageStore`. */
	readonly imageStore: string;
	readonly isRootless: boolean;
	/** Its 127.0.0.1 is this machine's, where the tests have their servers. A rootless engine has a network of its own. */
	readonly reachesTests: boolean;
	/** Stages that differ only in the case of their names are one. Podman keeps them apart. */
	readonly foldsStageNames: boolean;
	/** Podman has one, which is Buildah and speaks as the classic one does. */
	readonly builders: readonly Builder[];
	/** BuildKit's frontend before Docker 23 knows no heredocs, and keys cache mounts by their id. */
	readonly hasOldBuildKit: boolean;
	/** BuildKit's frontend checks the Dockerfile's style from Docker 27 on. */
	readonly warnsOfStyle: boolean;
	/** Who builds no stage that the target does not need. */
	readonly skipsStages: readonly Builder[];
	/** Who takes the Dockerfile out of the context that it came with, where it is ignored. */
	readonly takesOutDockerfile: readonly Builder[];
	/** Whose cache Strata knows the rules of: for others it foretells nothing and gives no reason. */
	readonly foretold: readonly Builder[];
	/** What a layer's size in the history counts: its files, the blocks of its snapshot, or its tar. */
	readonly measure: 'files' | 'blocks' | 'tar';
	/**
	 * Removing a record of BuildKit's cache costs no other. On the containerd store it does; so Strata leaves uploads in the
	 * cache there, until the engine clears it by itself.
	 */
	readonly keepsCacheOnPrune: boolean;
	/** Two builds of the same step at the same time both succeed. On the containerd store the engine may fail one (`already exists`). */
	readonly buildsSameAtOnce: boolean;
	/** Changes that every container has, made by what starts it. */
	readonly ownChanges: readonly string[];
	/** Folders that what starts a container adds to the layer of a commit while it runs. */
	readonly ownFolders: number;
	/** An image that was built here has a digest too, before it was ever pushed. */
	readonly digestsBuilt: boolean;
	/** A build whose client goes ends at once, the process of its RUN too. */
	readonly endsWithItsClient: boolean;
	/** An image that is loaded knows which other it is built upon (Podman: by their layers). */
	readonly loadsParents: boolean;
	/** The answer of a removal names the layers that went, and the build cache tells which it shares with images. */
	readonly tellsLayers: boolean;
	/** The answer of a removal names each image that went: Podman leaves out those whose layers another image has. */
	readonly tellsDeleted: boolean;
	/** A pull whose connection breaks is tried again by the engine itself, and tells each layer that it has already. */
	readonly triesPullAgain: boolean;
	/** A push names its layers, and a pull says how far each is. */
	readonly tellsLayersMoved: boolean;
	/** An image that is removed by force takes its containers with it, running ones too: Strata never does that. */
	readonly forcesContainers: boolean;
	/** What names of Docker Hub begin with in an archive that it writes. */
	readonly hubInArchives: '' | 'docker.io/';
	/** BuildKit tells afterwards of builds, whoever asked for them. */
	readonly remembersBuilds: boolean;
	/** So it does of the names that they were asked for. */
	readonly remembersTags: boolean;
	/** A container can be paused: not without cgroups of one's own. */
	readonly pauses: boolean;
	/** An image for several platforms is kept whole. Else the engine takes the one that is its own, and knows no others. */
	readonly keepsPlatforms: boolean;
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
	/** The layer was packed elsewhere, without its root. */
	readonly isBare?: boolean;
	/** By COPY: Podman leaves out the root, and folders that a WORKDIR names are made by what comes next. */
	readonly isCopied?: boolean;
	readonly isWorkdir?: boolean;
}

export function traitsOf({ name }: TestEngine): EngineTraits {
	const podman = /^podman-(.*)$/.exec(name)?.[1];
	return podman === undefined ? dockerTraits(name) : {
		kind: 'podman', version: podman, imageStore: 'overlay', isRootless: false, reachesTests: true, foldsStageNames: false, builders: ['classic'], foretold: [], skipsStages: ['classic'], takesOutDockerfile: [], tellsLayersMoved: false, hasOldBuildKit: false, warnsOfStyle: false, measure: 'tar',
		keepsCacheOnPrune: true, buildsSameAtOnce: true, ownChanges: ['/etc modified'], ownFolders: 3, digestsBuilt: true, endsWithItsClient: false, loadsParents: true, tellsLayers: false, tellsDeleted: false, triesPullAgain: false, forcesContainers: true, hubInArchives: 'docker.io/', remembersBuilds: false, remembersTags: false, pauses: true, keepsPlatforms: false, copiesLinked: [],
	};
}

function dockerTraits(name: string): EngineTraits {
	const [version = '', store] = name.split('-');
	const major = Number.parseInt(version, 10);
	const isContainerd = store === 'containerd';
	return {
		kind: 'docker',
		version,
		imageStore: isContainerd ? 'containerd' : 'overlay2',
		isRootless: store === 'rootless',
		reachesTests: store !== 'rootless',
		foldsStageNames: true,
		builders: ['buildkit', 'classic'],
		foretold: ['buildkit', 'classic'],
		skipsStages: ['buildkit'],
		takesOutDockerfile: ['classic'],
		tellsLayersMoved: true,
		hasOldBuildKit: major < 23,
		warnsOfStyle: major >= 27,
		measure: isContainerd ? 'blocks' : 'files',
		keepsCacheOnPrune: !isContainerd,
		buildsSameAtOnce: !isContainerd,
		ownChanges: [],
		ownFolders: 0,
		digestsBuilt: false,
		endsWithItsClient: true,
		loadsParents: !isContainerd,
		tellsLayers: !isContainerd,
		tellsDeleted: true,
		triesPullAgain: !isContainerd,
		forcesContainers: false,
		hubInArchives: '',
		remembersBuilds: major >= 23,
		remembersTags: major >= 27,
		pauses: store !== 'rootless',
		keepsPlatforms: isContainerd,
		copiesLinked: isContainerd ? ['classic'] : ['buildkit', 'classic'],
	};
}

/**
 * What the engine's history says of a layer: the bytes of its files; on the containerd store what its snapshot takes on
 * disk, which is whole blocks, and one for each folder; with Podman the tar of all that. On the containerd store the
 * classic builder makes no snapshot where nothing changed, whereas BuildKit always does; and `isRecord`, its cache record,
 * has one block more where something was removed.
 */
export function layerBytes({ measure }: EngineTraits, { files = [], folders = 0, removes = false, isBare = false, isCopied = false, isWorkdir = false }: Written, builder: Builder = 'classic', isRecord = false): number {
	const content = (unit: number): number => files.reduce((sum, bytes) => sum + Math.ceil(bytes / unit) * unit, 0);
	switch (measure) {
		case 'files':
			return content(1);
		case 'tar':
			// A header for each and for the root, and the end.
			return isWorkdir ? 0 : content(tarBytes) + ((isBare || isCopied ? 0 : 1) + files.length + folders + (removes ? 1 : 0) + 2) * tarBytes;
		case 'blocks':
			return builder === 'classic' && files.length === 0 && folders === 0 && !removes ? 0
				: content(blockBytes) + (1 + folders + (removes && isRecord ? 1 : 0)) * blockBytes;
	}
}

const tarBytes = 512;
const blockBytes = 4096;
