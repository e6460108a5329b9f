import { join } from 'node:path';
import type { Disposable } from '../core/base/event';
import type { BuildDefaults } from '../core/build/buildOptions';
import { isSecretName } from '../core/cache/redactor';
import { resolveEndpoint } from '../core/engine/endpoint';
import { ArchiveChecks } from './archiveChecks';
import type { BaselineStore } from './baselineStore';
import { BuildOptionsStore } from './buildOptionsStore';
import type { BuildRunner } from './buildRunner';
import { createBuildServices, type BuildServices } from './buildServices';
import type { CacheServices } from './cacheServices';
import { ChosenImages } from './chosenImages';
import { CommandLineBuilds } from './commandLineBuilds';
import { Comparisons } from './comparisons';
import { ContainerStore } from './containerStore';
import { EngineConnection } from './engineConnection';
import { ForecastStore, type ForecastSources } from './forecastStore';
import { nextBuild } from './nextBuild';
import { ExploredImages, type WhileReading } from './exploredImages';
import { ImageChains } from './imageChains';
import { ImageStore } from './imageStore';
import { ImageUsers } from './imageUsers';
import type { KeptValues } from './keptValues';
import { LayerLines, type Dockerfiles } from './layerLines';
import { createLayerReader } from './layerReader';
import { layerThread } from './layerThread';
import { LayerStore } from './layerStore';
import { LineFactsStore } from './lineFactsStore';
import { OpenArchives } from './openArchives';
import { openEngine } from './openEngine';
import { PromisedSavings } from './promisedSavings';
import type { RecordStore } from './recordStore';
import { RegistryAccess, type SecretStore } from './registryAccess';
import { RevealRequests } from './revealRequests';
import { thisMachine } from './thisMachine';
import { Transfers } from './transfers';
import { WasteStore } from './wasteStore';

/** Everything with a lifetime, made once. Nothing is read or asked before somebody needs it. */
export interface Services extends Disposable {
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly chains: ImageChains;
	readonly users: ImageUsers;
	readonly containers: ContainerStore;
	readonly records: RecordStore;
	readonly runner: BuildRunner;
	readonly buildOptions: BuildOptionsStore;
	readonly baselines: BaselineStore;
	readonly measurer: BuildServices['measurer'];
	readonly unrecorded: BuildServices['unrecorded'];
	readonly temporary: BuildServices['temporary'];
	readonly lineFacts: LineFactsStore;
	readonly reveals: RevealRequests;
	readonly explored: ExploredImages;
	readonly archives: OpenArchives;
	readonly archiveChecks: ArchiveChecks;
	readonly lines: LayerLines;
	readonly waste: WasteStore;
	readonly comparisons: Comparisons;
	readonly savings: PromisedSavings;
	readonly cache: CacheServices;
	readonly forecasts: ForecastStore;
	readonly commandLineBuilds: CommandLineBuilds;
	readonly transfers: Transfers;
	readonly registryAccess: RegistryAccess;
	/** As `BuildServices` has it. */
	end(): Promise<void>;
}

/** What the services need of the world they run in. */
export interface ServicesWorld {
	/** The folder that is ours to keep things in; made when first written to. */
	readonly storageFolder: string;
	/** Where choices for this workspace are kept. */
	readonly kept: KeptValues;
	/** The editor's place for secrets. */
	readonly secrets: SecretStore;
	/** The endpoint setting, asked at every attempt to connect. */
	readonly endpointSetting: () => string;
	/** What the settings say of a Dockerfile's builds. */
	readonly buildDefaults: (dockerfilePath: string) => BuildDefaults;
	/** Whether forecasts are wanted, asked each time. */
	readonly isForecasting: () => boolean;
	/** Records kept of each Dockerfile and target. */
	readonly mostRecords: number;
	/** Bytes of layer indexes kept on disk, asked each time. */
	readonly mostLayerBytes: () => number;
	/** The workspace's Dockerfiles: among them the one of an image is looked for. */
	readonly dockerfiles: Dockerfiles;
	/** Whether somebody here wants to know of builds of this Dockerfile that were asked for elsewhere. */
	readonly concernsBuildsOf: (dockerfilePath: string) => boolean;
	/** Shows that an image's layers are being read, and lets a person stop it; without it reading is silent. */
	readonly whileReading?: WhileReading;
	/** Shows that a build context is being read for the first time; without it nobody is told. */
	readonly whileHashing?: ForecastSources['whileHashing'];
	readonly log: (message: string) => void;
}

export function createServices({ storageFolder, kept, secrets, endpointSetting, buildDefaults, isForecasting, mostRecords, mostLayerBytes, dockerfiles, concernsBuildsOf, whileReading = silently, whileHashing, log }: ServicesWorld): Services {
	const connection = new EngineConnection({ resolve: () => resolveEndpoint(thisMachine(endpointSetting())), open: openEngine });
	const images = new ImageStore(connection);
	const containers = new ContainerStore(connection);
	const users = new ImageUsers(containers);
	const builds = createBuildServices({ connection, storageFolder, mostRecords, log });
	const { records, baselines, past, runner, measurer, unrecorded, temporary, cache, secretKey } = builds;
	const buildOptions = new BuildOptionsStore(join(storageFolder, 'options'), isSecretName);
	const forecasts = new ForecastStore({
		connection, records, cache, secretKey, whileHashing, log,
		nextBuild: (path, dockerfile) => nextBuild(path, dockerfile, buildOptions.get(path), buildDefaults(path)),
		isWanted: isForecasting,
	});
	const layers = new LayerStore({ folder: join(storageFolder, 'layers'), mostBytes: mostLayerBytes, readStream: layerThread(join(__dirname, 'layers.js'), log), log });
	const explored = new ExploredImages(createLayerReader(layers, async () => (await connection.get()).engine), whileReading);
	const waste = new WasteStore(explored);
	const lineFacts = new LineFactsStore({
		images, records, past, forecasts, waste,
		chosen: new ChosenImages(join(storageFolder, 'chosenImages')),
		onDidChangeBuild: runner.onDidChange,
	});
	const commandLineBuilds = new CommandLineBuilds({
		folder: join(storageFolder, 'commandLine'), records, machine: thisMachine(), concerns: concernsBuildsOf, advisor: cache.advisor, secretKey, log,
		cacheRead: (info, read, at) => cache.loss.surveyed(info, read, at),
	});
	const comparisons = new Comparisons(explored);
	const savings = new PromisedSavings(kept, images, runner.onDidChange);
	const reveals = new RevealRequests();
	const transfers = new Transfers();
	const archives = new OpenArchives(kept);
	const archiveChecks = new ArchiveChecks(layers, explored, archives);
	const made = [users, transfers, comparisons, archiveChecks, archives, savings, waste, explored, reveals, lineFacts, forecasts, builds, containers, images, connection];
	return {
		connection, images, containers, records, runner, cache, forecasts, lineFacts, reveals, explored, archives, archiveChecks, comparisons, waste, savings,
		users, chains: new ImageChains(connection),
		lines: new LayerLines(images, lineFacts, explored, dockerfiles),
		buildOptions, baselines, commandLineBuilds, measurer, unrecorded, temporary,
		transfers,
		registryAccess: new RegistryAccess(secrets, thisMachine()),
		end: () => builds.end(),
		dispose: () => { made.forEach(one => { one.dispose(); }); },
	};
}

const silently: WhileReading = (_, work) => work(new AbortController().signal, () => undefined);
