/**
 * Every id that package.json and the code share. A test compares this table with package.json both ways, so that no
 * id stands anywhere else.
 */
export const Command = {
	build: 'strata.build',
	buildToStage: 'strata.build.toStage',
	buildWithoutCache: 'strata.build.withoutCache',
	buildWithOptions: 'strata.build.withOptions',
	buildOwnFrontend: 'strata.build.ownFrontend',
	buildAgain: 'strata.build.again',
	cancelBuild: 'strata.build.cancel',
	showBuildLog: 'strata.build.showLog',
	pinBaseline: 'strata.build.pinBaseline',
	unpinBaseline: 'strata.build.unpinBaseline',
	measureStage: 'strata.stage.measure',
	revealLine: 'strata.line.reveal',
	showLineInImages: 'strata.line.showInImages',
	shellBefore: 'strata.line.shellBefore',
	explainMiss: 'strata.line.explain',
	compareInstruction: 'strata.line.compareWithBefore',
	refreshCache: 'strata.cache.refresh',
	pruneCache: 'strata.cache.prune',
	pruneCacheOfDockerfile: 'strata.cache.pruneDockerfile',
	showContext: 'strata.context.show',
	deleteRecords: 'strata.records.delete',
	showAccuracy: 'strata.forecast.accuracy',
	selectImage: 'strata.dockerfile.selectImage',
	toggleLines: 'strata.lines.toggle',
	selectEngine: 'strata.engine.select',
	reconnect: 'strata.engine.reconnect',
	showEngineDetails: 'strata.engine.details',
	measureDiskUse: 'strata.engine.diskUse',
	showLog: 'strata.log.show',
	refreshImages: 'strata.images.refresh',
	groupImagesByFamily: 'strata.images.groupByFamily',
	groupImagesByRepository: 'strata.images.groupByRepository',
	filterImages: 'strata.images.filter',
	changeImageFilter: 'strata.images.changeFilter',
	clearImageFilter: 'strata.images.clearFilter',
	sortImages: 'strata.images.sort',
	whatWouldIFree: 'strata.images.whatWouldIFree',
	showEmptyRows: 'strata.images.showEmptyRows',
	hideEmptyRows: 'strata.images.hideEmptyRows',
	copyImageId: 'strata.image.copyId',
	copyImageReference: 'strata.image.copyReference',
	copyImageDigest: 'strata.image.copyDigest',
	inspectImage: 'strata.image.inspect',
	recoverDockerfile: 'strata.image.dockerfile',
	tagImage: 'strata.image.tag',
	removeImage: 'strata.image.remove',
	pruneUntaggedImages: 'strata.images.pruneUntagged',
	saveImages: 'strata.images.save',
	loadImages: 'strata.images.load',
	importImage: 'strata.images.import',
	pullImage: 'strata.image.pull',
	pushImage: 'strata.image.push',
	cancelTransfer: 'strata.transfer.cancel',
	closeTransfer: 'strata.transfer.close',
	signOut: 'strata.registry.signOut',
	refreshContainers: 'strata.containers.refresh',
	commitContainer: 'strata.container.commit',
	writeContainerDockerfile: 'strata.container.writeDockerfile',
	compareContainerDockerfile: 'strata.container.compareDockerfile',
	runImage: 'strata.image.run',
	startContainer: 'strata.container.start',
	stopContainer: 'strata.container.stop',
	restartContainer: 'strata.container.restart',
	unpauseContainer: 'strata.container.unpause',
	openContainerPort: 'strata.container.openPort',
	removeContainer: 'strata.container.remove',
	showContainerLogs: 'strata.container.logs',
	attachShell: 'strata.container.shell',
	openContainerFile: 'strata.container.openFile',
	compareContainerFile: 'strata.container.compareFile',
	copyContainerId: 'strata.container.copyId',
	inspectContainer: 'strata.container.inspect',
	pruneContainers: 'strata.containers.pruneStopped',
	exportContainer: 'strata.container.export',
	openArchive: 'strata.archive.open',
	closeArchive: 'strata.archive.close',
	openLayerFile: 'strata.file.open',
	compareWithPreviousLayer: 'strata.file.compareWithPreviousLayer',
	compareWithWorkspaceFile: 'strata.file.compareWithWorkspaceFile',
	findLineOfFile: 'strata.file.findLine',
	revealLayerFile: 'strata.file.reveal',
	saveLayerFile: 'strata.file.save',
	copyLayerPath: 'strata.file.copyPath',
	showMoreFiles: 'strata.files.showMore',
	filterFiles: 'strata.files.filter',
	changeFileFilter: 'strata.files.changeFilter',
	clearFileFilter: 'strata.files.clearFilter',
	sortFilesBySize: 'strata.files.sortBySize',
	sortFilesByName: 'strata.files.sortByName',
	analyzeImage: 'strata.image.analyze',
	showTreemap: 'strata.image.treemap',
	compareImages: 'strata.images.compare',
	rememberFix: 'strata.fix.remember',
	closeComparison: 'strata.comparison.close',
	compareLayerFiles: 'strata.files.compare',
} as const;

export const View = {
	builds: 'strata.builds',
	images: 'strata.images',
	containers: 'strata.containers',
	cache: 'strata.cache',
} as const;

export const CustomEditor = {
	archive: 'strata.archive',
} as const;

/** Panels are no contributions; their types are ids all the same. */
export const WebviewPanel = {
	treemap: 'strata.treemap',
} as const;

export const viewContainer = 'strata';

/** Setting ids below `strata.`, with the type of each value. */
export interface Settings {
	'engine.endpoint': string;
	'lines.show': 'lens' | 'endOfLine' | 'off';
	'lines.sizes': boolean;
	'lines.times': boolean;
	'lines.outcomes': boolean;
	'lines.gutter': boolean;
	'forecast.enabled': boolean;
	'images.order': 'newestFirst' | 'oldestFirst';
	'images.showEmptyRows': boolean;
	'images.groupBy': 'repository' | 'family';
	'images.sort': 'name' | 'size' | 'age';
	'build.builder': 'auto' | 'buildkit' | 'classic';
	/** Defaults for every Dockerfile that declares them. */
	'build.arguments': Readonly<Record<string, string>>;
	'build.network': 'default' | 'none' | 'host';
	'records.limit': number;
	'layers.diskSpace': number;
	'files.order': 'size' | 'name';
	'waste.analyze': 'onDemand' | 'afterBuild';
	'waste.threshold': number;
	'waste.thresholdPercent': number;
	'growth.threshold': number;
	'growth.thresholdPercent': number;
}

export const ContextKey = {
	/** `connecting`, `ready`, or the reason of the failure (`EngineErrorReason`). */
	engineState: 'strata.engine.state',
	/** A build is under way. */
	building: 'strata.build.running',
	emptyRowsShown: 'strata.images.emptyRowsShown',
	/** How the images are laid out: `repository` or `family`. */
	imageGrouping: 'strata.images.grouping',
	/** A filter hides some of the images. */
	imagesFiltered: 'strata.images.filtered',
	/** A pull or push is under way. */
	transferring: 'strata.transfer.running',
	/** How files under history rows are sorted: `size` or `name`. */
	fileOrder: 'strata.files.order',
	/** A filter hides some of the files under history rows. */
	filesFiltered: 'strata.files.filtered',
} as const;

export const Scheme = {
	/** Read-only texts made by Strata, e.g. an inspect result or a step's log. */
	text: 'strata-text',
	/** Addresses of no file: they carry the colour of a tree's row. */
	row: 'strata-row',
	/** Files in layers, read-only. */
	layer: 'strata-layer',
	/** Files in containers as they are now, read-only. */
	container: 'strata-container',
} as const;
