import * as vscode from 'vscode';
import { Command } from '../../contributions';
import type { ContainerSummary, Engine } from '../../core/engine/engine';
import { EngineError } from '../../core/engine/engineError';
import { runConfig } from '../../core/engine/records/runConfig';
import { bestShell } from '../../core/runPlan';
import { registerCommands } from '../../platform/commands';
import { showOutput, showProcess } from '../../platform/containerTerminal';
import type { Log } from '../../platform/log';
import { translate } from '../../platform/messages';
import { requireTrust } from '../../platform/trust';
import type { ContainerStore } from '../../services/containerStore';
import type { EngineConnection } from '../../services/engineConnection';
import type { ImageStore } from '../../services/imageStore';
import { describeRemoval } from '../../words/containers';
import { oneLine } from '../../words/rows';
import type { Candidates, ChooseContainer } from './dockerfileCommands';
import { openPort, openPorts } from './openPort';
import { askRun } from './runImage';

export interface LifeServices {
	readonly log: Log;
	readonly connection: EngineConnection;
	readonly containers: ContainerStore;
	readonly images: ImageStore;
}

/** Lines of a log that are shown before it is followed. */
const earlierLines = 2000;

/** What a person does with containers: run, start, stop, read, enter, remove. */
export function registerLifeCommands(services: LifeServices, choose: ChooseContainer, progress: <T>(work: () => Promise<T>) => Promise<T>): vscode.Disposable {
	const { log, connection, containers } = services;
	const isTrusted = (): Promise<boolean> => requireTrust(vscode.l10n.t('Strata runs, stops and removes no containers in a workspace that is not trusted.'));
	const changing = (question: string, candidates: Candidates, work: (engine: Engine, id: string) => Promise<void>) => async (argument: unknown): Promise<void> => {
		const container = await isTrusted() ? await choose(argument, question, candidates) : undefined;
		if (container !== undefined) {
			const { engine } = await connection.get();
			await progress(() => work(engine, container.id));
		}
	};
	const running: Candidates = inState(['running'], vscode.l10n.t('No container is running.'));
	return registerCommands(log, {
		[Command.runImage]: async argument => {
			if (await isTrusted()) {
				await run(services, argument, progress);
			}
		},
		[Command.startContainer]: changing(vscode.l10n.t('Which container should start?'), inState(['created', 'exited'], vscode.l10n.t('There is no container to start.')), (engine, id) => engine.startContainer(id)),
		[Command.stopContainer]: changing(vscode.l10n.t('Which container should stop?'), inState(['running', 'paused', 'restarting'], vscode.l10n.t('There is no container to stop.')), (engine, id) => engine.stopContainer(id)),
		[Command.restartContainer]: changing(vscode.l10n.t('Which container should restart?'), running, (engine, id) => engine.restartContainer(id)),
		[Command.unpauseContainer]: changing(vscode.l10n.t('Which container should go on?'), inState(['paused'], vscode.l10n.t('No container is paused.')), (engine, id) => engine.unpauseContainer(id)),
		[Command.openContainerPort]: async argument => {
			const { engine: { endpoint: { url } } } = await connection.get();
			const none = vscode.l10n.t('A browser on this machine reaches no port of a container.');
			const container = await choose(argument, vscode.l10n.t('Whose port should be opened?'), { fits: one => one.state === 'running' && openPorts(one, url).length > 0, none });
			if (container !== undefined) {
				await openPort(container, url);
			}
		},
		[Command.removeContainer]: async argument => {
			const container = await isTrusted() ? await choose(argument, vscode.l10n.t('Which container should be removed?')) : undefined;
			if (container !== undefined) {
				const { engine } = await connection.get();
				await remove(engine, containers, container, progress);
			}
		},
		[Command.showContainerLogs]: async argument => {
			const container = await choose(argument, vscode.l10n.t('Whose logs?'));
			if (container !== undefined) {
				const { engine } = await connection.get();
				showOutput(vscode.l10n.t('Logs of {0}', oneLine(container.name)), signal => engine.containerLogs(container.id, { follow: true, lines: earlierLines }, signal));
			}
		},
		[Command.attachShell]: async argument => {
			const container = await isTrusted() ? await choose(argument, vscode.l10n.t('Which container do you want to enter?'), running) : undefined;
			if (container !== undefined) {
				const { engine } = await connection.get();
				if (await engine.statInContainer(container.id, bestShell[0]) === undefined) {
					await vscode.window.showInformationMessage(vscode.l10n.t('{0} has no shell (/bin/sh). Its files are in the Containers view.', oneLine(container.name)));
					return;
				}
				void showProcess({ name: oneLine(container.name), connect: signal => engine.execInContainer(container.id, bestShell, signal) });
			}
		},
	});
}

function inState(states: readonly ContainerSummary['state'][], none: string): Candidates {
	return { fits: ({ state }) => states.includes(state), none };
}

async function run({ connection, images }: LifeServices, argument: unknown, progress: <T>(work: () => Promise<T>) => Promise<T>): Promise<void> {
	const image = imageOf(argument) ?? await pickImage(images);
	if (image === undefined) {
		return;
	}
	const { engine } = await connection.get();
	const request = await askRun(image, image, runConfig(await engine.inspectImage(image)));
	if (request === undefined) {
		return;
	}
	const id = await progress(() => engine.createContainer(request));
	const start = (): Promise<void> => startOrRemove(engine, id);
	if (request.interactive) {
		void showProcess({ name: request.name ?? oneLine(image), connect: signal => engine.attachContainer(id, signal), started: start });
	} else {
		await progress(start);
		vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) {0} runs', request.name ?? oneLine(image)), 5000);
	}
}

/** A container that never ran is of no use to anybody. */
async function startOrRemove(engine: Engine, id: string): Promise<void> {
	try {
		await engine.startContainer(id);
	} catch (failure) {
		await engine.removeContainer(id, { volumes: true }).catch(() => undefined);
		throw failure;
	}
}

async function remove(engine: Engine, containers: ContainerStore, container: ContainerSummary, progress: <T>(work: () => Promise<T>) => Promise<T>): Promise<void> {
	containers.refreshChanges(container.id);
	const [changes, { mounts }] = await Promise.all([containers.changes(container.id).catch(() => undefined), engine.container(container.id)]);
	const { question, detail } = describeRemoval(container, changes, translate);
	const only = vscode.l10n.t('Remove');
	const withVolumes = vscode.l10n.t('Remove with Unnamed Volumes');
	const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, only, ...mounts.length > 0 ? [withVolumes] : []);
	if (chosen !== undefined) {
		await progress(() => engine.removeContainer(container.id, { force: true, volumes: chosen === withVolumes })).catch((failure: unknown) => {
			// It may have gone by itself while the question stood.
			if (!(failure instanceof EngineError && failure.reason === 'notFound')) {
				throw failure;
			}
		});
	}
}

/** The image that a menu names: by its tag where it has one, so that the container says it too. */
function imageOf(argument: unknown): string | undefined {
	if (typeof argument !== 'object' || argument === null || !('kind' in argument) || argument.kind !== 'image' || !('image' in argument)) {
		return undefined;
	}
	const { image, reference } = argument as { readonly image: { readonly id: string }; readonly reference?: string | undefined };
	return reference ?? image.id;
}

async function pickImage(images: ImageStore): Promise<string | undefined> {
	const tagged = (await images.images()).flatMap(({ references }) => references).sort();
	if (tagged.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('This engine has no tagged images to run.'));
		return undefined;
	}
	return vscode.window.showQuickPick(tagged, { placeHolder: vscode.l10n.t('Which image should run?') });
}
