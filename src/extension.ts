import type * as vscode from 'vscode';
import { Command } from './contributions';
import { registerCommands } from './platform/commands';
import { extensionWorld } from './platform/extensionWorld';
import { createLog } from './platform/log';
import { registerRowColors } from './platform/rowColors';
import { createTextDocuments } from './platform/textDocuments';
import { createServices, type Services } from './services/createServices';
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

let services: Services | undefined;

/** Builds the object graph and registers the surfaces; nothing is asked of an engine here. */
export function activate(context: vscode.ExtensionContext): void {
	const log = createLog();
	services = createServices(extensionWorld(context, log));
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
		registerArchiveEditor(services),
		registerContainers(surfaces),
		registerBuildCache(surfaces),
		registerCache(surfaces),
		registerContext(surfaces),
		registerRowColors(),
		registerCommands(log, { [Command.showLog]: () => { log.show(); } }),
	);
}

/** The window closes, or loads again: what runs ends in the engine too, and is remembered as cancelled. */
export function deactivate(): Promise<void> | undefined {
	return services?.end();
}
