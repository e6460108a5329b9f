import { join } from 'node:path';
import { Emitter, type Disposable } from '../core/base/event';
import { resolveEndpoint } from '../core/engine/endpoint';
import { ChosenImages } from './chosenImages';
import { ContainerStore } from './containerStore';
import { EngineConnection } from './engineConnection';
import { ImageStore } from './imageStore';
import { LineFactsStore } from './lineFactsStore';
import { openEngine } from './openEngine';
import { RevealRequests } from './revealRequests';
import { thisMachine } from './thisMachine';

/** Everything with a lifetime, made once. Nothing is read or asked before somebody needs it. */
export interface Services extends Disposable {
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly containers: ContainerStore;
	readonly lineFacts: LineFactsStore;
	readonly reveals: RevealRequests;
}

/** What the services need of the world they run in. */
export interface ServicesWorld {
	/** The folder that is ours to keep things in; made when first written to. */
	readonly storageFolder: string;
	/** The endpoint setting, asked at every attempt to connect. */
	readonly endpointSetting: () => string;
	readonly log: (message: string) => void;
}

export function createServices(world: ServicesWorld): Services {
	const connection = new EngineConnection({
		resolve: () => resolveEndpoint(thisMachine(world.endpointSetting())),
		open: openEngine,
	});
	const images = new ImageStore(connection);
	const containers = new ContainerStore(connection);
	const reveals = new RevealRequests();
	const built = new Emitter<string>();
	const lineFacts = new LineFactsStore({
		images,
		chosen: new ChosenImages(join(world.storageFolder, 'chosenImages.json')),
		latestRecord: () => Promise.resolve(undefined),
		onDidChangeRecord: built.event,
		liveBuild: () => undefined,
		onDidChangeBuild: built.event,
	});
	const made = [lineFacts, reveals, containers, images, connection];
	return { connection, images, containers, lineFacts, reveals, dispose: () => { made.forEach(one => { one.dispose(); }); } };
}
