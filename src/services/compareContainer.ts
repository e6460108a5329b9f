import type { ContainerSummary, Engine } from '../core/engine/engine';
import { runConfig } from '../core/engine/records/runConfig';
import { compareImages, type FileDifference } from '../core/layers/compare';
import { configChanges, type ConfigChange } from '../core/rebuild/configChange';
import { withoutEnginesOwn } from '../core/rebuild/containerDockerfile';
import { readContainerTree } from '../core/rebuild/containerTree';
import { fingerprintUnknown, type ReadContainerOptions } from './containerDockerfile';
import type { ExploredImages } from './exploredImages';

/** How an image and a container still differ: from the image to the container. */
export interface ContainerComparison {
	/** Sorted by path; without what the engine puts into containers, and without mounts. */
	readonly files: readonly FileDifference[];
	readonly config: readonly ConfigChange[];
}

/** Compares the whole tree and the config of an image with those of a container; times do not count. */
export async function compareContainer(engine: Engine, explored: ExploredImages, container: ContainerSummary, imageId: string, options: ReadContainerOptions): Promise<ContainerComparison> {
	const { signal } = options;
	const { stack } = await explored.get({ source: { kind: 'engine', reference: imageId }, name: container.name });
	const [{ mounts }, imageRecord, containerRecord] = await Promise.all([
		engine.container(container.id, signal), engine.inspectImage(imageId), engine.inspectContainer(container.id),
	]);
	const tree = await readContainerTree(await engine.exportContainer(container.id, signal), options);
	const { files } = await compareImages(stack, tree, fingerprintUnknown);
	return { files: withoutEnginesOwn(files, mounts), config: configChanges(runConfig(imageRecord), runConfig(containerRecord)) };
}
