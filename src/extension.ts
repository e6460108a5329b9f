import type * as vscode from 'vscode';
import { Command } from './contributions';
import { readBuildDefaults } from './platform/buildDefaults';
import { registerCommands } from './platform/commands';
import { createLog } from './platform/log';
import { whileHashing } from './platform/hashingProgress';
import { whileReading } from './platform/readingProgress';
import { registerRowColors } from './platform/rowColors';
import { readSetting } from './platform/settings';
import { createTextDocuments } from './platform/textDocuments';
import { workspaceDockerfiles } from './platform/workspaceDockerfiles';
import { createServices } from './services/createServices';
import { registerBuilds } from './surfaces/builds/register';
import { registerBuildCache } from './surfaces/buildCache/register';
import { registerCache } from './surfaces/cache/register';
import { registerArchiveEditor } from './surfaces/archive/register';
import { registerContainers } from './surfaces/containers/register';
import { registerContext } from './surfaces/context/register';
import { registerDockerfile } from './surfaces/dockerfile/register';
import { registerEngine } from './surfaces/engine/register';
import { registerImages } from './surfaces/images/register';
import { registerLayers } from './surfaces/layers/register';
import { registerStatus } from './surfaces/status/register';
import { registerTreemap } from './surfaces/treemap/register';
import { registerWaste } from './surfaces/waste/register';

/** Builds the object graph and registers the surfaces; nothing is asked of an engine here. */
export function activate(context: vscode.ExtensionContext): void {
	const log = createLog();
	const services = createServices({
		storageFolder: context.globalStorageUri.fsPath,
		kept: context.workspaceState,
		secrets: context.secrets,
		mostRecords: readSetting('records.limit'),
		mostLayerBytes: () => readSetting('layers.diskSpace') * 2 ** 20,
		buildDefaults: readBuildDefaults,
		isForecasting: () => readSetting('forecast.enabled'),
		endpointSetting: () => readSetting('engine.endpoint'),
		dockerfiles: workspaceDockerfiles,
		whileReading,
		whileHashing,
		log: message => { log.info(message); },
	});
	const texts = createTextDocuments();
	const surfaces = { ...services, log, texts };
	context.subscriptions.push(
		log,
		services,
		texts,
		registerEngine(surfaces),
		// Before the lines' own: of two lenses over a line the later registered stands first.
		registerWaste(surfaces),
		registerDockerfile(surfaces),
		registerStatus(surfaces),
		registerBuilds(surfaces),
		registerImages(surfaces),
		registerLayers(surfaces),
		registerTreemap({ ...surfaces, extensionUri: context.extensionUri }),
		registerArchiveEditor(),
		registerContainers(surfaces),
		registerBuildCache(surfaces),
		registerCache(surfaces),
		registerContext(surfaces),
		registerRowColors(),
		registerCommands(log, { [Command.showLog]: () => { log.show(); } }),
	);
}
