import { join } from 'node:path';
import type { Disposable } from '../core/base/event';
import { isSecretName } from '../core/cache/redactor';
import { credentialsFor } from '../core/engine/credentials';
import { resolveEndpoint } from '../core/engine/endpoint';
import { parseReference } from '../core/image/reference';
import { BuildOptionsStore, type KeptValues } from './buildOptionsStore';
import { BuildRunner } from './buildRunner';
import { ChosenImages } from './chosenImages';
import { ContainerStore } from './containerStore';
import { EngineConnection } from './engineConnection';
import { ImageStore } from './imageStore';
import { installationKey } from './installationKey';
import { LineFactsStore } from './lineFactsStore';
import { openEngine } from './openEngine';
import { RecordStore } from './recordStore';
import { RevealRequests } from './revealRequests';
import { thisMachine } from './thisMachine';

/** Everything with a lifetime, made once. Nothing is read or asked before somebody needs it. */
export interface Services extends Disposable {
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly containers: ContainerStore;
	readonly records: RecordStore;
	readonly runner: BuildRunner;
	readonly buildOptions: BuildOptionsStore;
	readonly lineFacts: LineFactsStore;
	readonly reveals: RevealRequests;
}

/** What the services need of the world they run in. */
export interface ServicesWorld {
	/** The folder that is ours to keep things in; made when first written to. */
	readonly storageFolder: string;
	/** Where choices for this workspace are kept. */
	readonly kept: KeptValues;
	/** The endpoint setting, asked at every attempt to connect. */
	readonly endpointSetting: () => string;
	/** Records kept of each Dockerfile and target. */
	readonly mostRecords: number;
	readonly log: (message: string) => void;
}

export function createServices({ storageFolder, kept, endpointSetting, mostRecords, log }: ServicesWorld): Services {
	const connection = new EngineConnection({ resolve: () => resolveEndpoint(thisMachine(endpointSetting())), open: openEngine });
	const images = new ImageStore(connection);
	const containers = new ContainerStore(connection);
	const records = new RecordStore({ folder: join(storageFolder, 'records'), mostKept: mostRecords, log });
	const runner = new BuildRunner({
		records,
		secretKey: installationKey(join(storageFolder, 'key')),
		credentials: references => credentialsFor(registriesOf(references), thisMachine()),
		log,
	});
	const lineFacts = new LineFactsStore({
		images, records,
		chosen: new ChosenImages(join(storageFolder, 'chosenImages.json')),
		onDidChangeBuild: runner.onDidChange,
	});
	const reveals = new RevealRequests();
	const made = [reveals, lineFacts, runner, records, containers, images, connection];
	return {
		connection, images, containers, records, runner, lineFacts, reveals,
		buildOptions: new BuildOptionsStore(kept, isSecretName),
		dispose: () => { made.forEach(one => { one.dispose(); }); },
	};
}

function registriesOf(references: readonly string[]): readonly string[] {
	return references.flatMap(reference => parseReference(reference)?.domain ?? []);
}
