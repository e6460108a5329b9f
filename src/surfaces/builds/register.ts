import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Command, ContextKey, View } from '../../contributions';
import type { BuildOptions } from '../../core/build/buildOptions';
import { parseDockerfile } from '../../core/dockerfile/parse';
import { readBuildDefaults } from '../../platform/buildDefaults';
import { registerCommands } from '../../platform/commands';
import { setContextKey } from '../../platform/contextKeys';
import type { Log } from '../../platform/log';
import { showFailure, translate } from '../../platform/messages';
import type { TextDocuments } from '../../platform/textDocuments';
import { createTree, whileVisible } from '../../platform/tree';
import { isOfThisWorkspace } from '../../platform/workspaceDockerfiles';
import type { BaselineStore } from '../../services/baselineStore';
import type { CommandLineBuilds } from '../../services/commandLineBuilds';
import { nextBuild } from '../../services/nextBuild';
import type { RevealRequests } from '../../services/revealRequests';
import { recordText } from '../../words/recordText';
import { stagePicks } from './askOptions';
import { pinBaseline, unpinBaseline } from './baseline';
import type { BuildItem } from './buildItem';
import { BuildLogs } from './buildLogs';
import { BuildsModel, type StepNode } from './buildsModel';
import { measureStage, registerMeasureAction, stageAtCursor, type MeasureStageServices } from './measureStage';
import { activeDockerfile, dockerfileFor, lineFor, pathOf } from './pickDockerfile';
import { openShellBefore, placeAt, type InstructionPlace, type ShellBeforeServices } from './shellBefore';
import { prepareBuild, runPrepared, type BuildWish, type StartBuildServices } from './startBuild';
import { tellResult } from './tellResult';
import { rememberedLog } from './rememberedLog';
import { watchCommandLine } from './watchCommandLine';

export interface BuildsSurfaceServices extends StartBuildServices, MeasureStageServices, ShellBeforeServices {
	readonly log: Log;
	readonly reveals: RevealRequests;
	readonly texts: TextDocuments;
	readonly baselines: BaselineStore;
	readonly commandLineBuilds: CommandLineBuilds;
}

/** The Builds view, the logs, and every command that builds. */
export function registerBuilds(services: BuildsSurfaceServices): vscode.Disposable {
	const { log, connection, runner, records, baselines, reveals, texts } = services;
	const model = new BuildsModel(connection, runner, records, baselines, isOfThisWorkspace);
	const tree = createTree(View.builds, model, log);
	const logs = new BuildLogs(runner);
	const follow = (editor: vscode.TextEditor | undefined): void => {
		const path = activeDockerfile(editor);
		if (path !== undefined) {
			model.activate(path);
		}
		tree.view.description = model.activePath && vscode.workspace.asRelativePath(model.activePath);
	};
	follow(vscode.window.activeTextEditor);

	const build = async (path: string | undefined, wish: BuildWish): Promise<void> => {
		const running = runner.running.find(({ options }) => options.dockerfilePath === path);
		if (running !== undefined) {
			await tellRunning(running.id);
			return;
		}
		const prepared = path === undefined ? undefined : await prepareBuild(services, path, wish);
		if (path === undefined || prepared === undefined) {
			return;
		}
		model.activate(path);
		const finished = await runPrepared(services, prepared, tree.progress);
		// Nobody waits for the answer to a message.
		tellResult(finished, {
			showLog: () => { logs.show(finished.id, false); },
			goToLine: line => { reveals.reveal({ kind: 'line', path, line }); },
			openShellBefore: instruction => { openShellBefore(services, { options: finished.options, dockerfile: finished.resolved.dockerfile, instruction }).catch(showFailure); },
			buildWithOwnFrontend: () => { build(path, { options: { ...finished.options, ownFrontend: true } }).catch(showFailure); },
		}).catch(showFailure);
	};
	const tellRunning = async (id: string): Promise<void> => {
		const show = vscode.l10n.t('Show Build Log');
		const cancel = vscode.l10n.t('Cancel Build');
		const chosen = await vscode.window.showInformationMessage(vscode.l10n.t('A build of this Dockerfile is under way.'), show, cancel);
		if (chosen === show) {
			logs.show(id, false);
		} else if (chosen === cancel) {
			runner.cancel(id);
		}
	};

	return vscode.Disposable.from(
		whileVisible(tree.view, () => connection.watch()),
		vscode.window.onDidChangeActiveTextEditor(follow),
		runner.onDidChange(() => {
			setContextKey(ContextKey.building, runner.running.length > 0);
			follow(undefined);
		}),
		registerCommands(log, {
			[Command.build]: async argument => build(await dockerfileFor(argument), {}),
			[Command.buildWithoutCache]: async argument => build(await dockerfileFor(argument), { noCache: true }),
			[Command.buildWithOptions]: async argument => build(await dockerfileFor(argument), { asks: true }),
			[Command.buildOwnFrontend]: async argument => build(await dockerfileFor(argument), { ownFrontend: true }),
			[Command.buildToStage]: async (argument, stage) => {
				const path = await dockerfileFor(argument);
				const target = path && (typeof stage === 'string' ? stage : await pickStage(path));
				if (path !== undefined && target !== undefined) {
					await build(path, { target });
				}
			},
			[Command.buildAgain]: async argument => {
				const item = itemOf(argument);
				await build(item?.path ?? await dockerfileFor(argument), item === undefined ? {} : { options: await optionsOf(item, services) });
			},
			[Command.cancelBuild]: async argument => {
				const id = itemOf(argument)?.id ?? await pickRunning(services, pathOf(argument));
				if (id !== undefined) {
					runner.cancel(id);
				}
			},
			[Command.pinBaseline]: async argument => {
				const item = itemOf(argument);
				await pinBaseline(services, item, item === undefined ? await dockerfileFor(argument) : undefined);
			},
			[Command.unpinBaseline]: async argument => {
				const item = itemOf(argument);
				await unpinBaseline(services, item, item === undefined ? await dockerfileFor(argument) : undefined);
			},
			[Command.measureStage]: async (argument, stage) => {
				const path = await dockerfileFor(argument);
				const name = path && (typeof stage === 'string' ? stage : stageAtCursor(path) ?? await pickStage(path));
				if (path !== undefined && name !== undefined) {
					await measureStage(services, path, name);
				}
			},
			[Command.shellBefore]: async argument => {
				const place = await placeOf(argument, services);
				if (place !== undefined) {
					await openShellBefore(services, place);
				}
			},
			[Command.showBuildLog]: argument => showLog(services, model, logs, texts, argument),
		}),
		registerMeasureAction(services.lineFacts),
		watchCommandLine(services),
		logs, tree, model,
	);
}

async function pickStage(path: string): Promise<string | undefined> {
	const picks = stagePicks(parseDockerfile(await readFile(path, 'utf8')));
	if (picks.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('No stage of {0} has a name, and engines find a stage by its name only. Name it: FROM … AS name.', basename(path)));
		return undefined;
	}
	const picked = await vscode.window.showQuickPick(picks, { placeHolder: vscode.l10n.t('Which stage is to be built?') });
	return picked?.name;
}

async function pickRunning({ runner }: BuildsSurfaceServices, path: string | undefined): Promise<string | undefined> {
	const running = runner.running.filter(({ options }) => path === undefined || options.dockerfilePath === path);
	if (running.length < 2) {
		return running[0]?.id;
	}
	const picked = await vscode.window.showQuickPick(
		running.map(({ id, options }) => ({ label: vscode.workspace.asRelativePath(options.dockerfilePath), description: options.tags.join(', '), id })),
		{ placeHolder: vscode.l10n.t('Which build is to be cancelled?') });
	return picked?.id;
}

/** The same build once more; of a recorded one, which keeps no values, with what is chosen and set now. */
async function optionsOf({ build, path, target, tags, builder }: BuildItem, { buildOptions }: BuildsSurfaceServices): Promise<BuildOptions> {
	if (build !== undefined) {
		return build.options;
	}
	const dockerfile = parseDockerfile(await readFile(path, 'utf8').catch(() => ''));
	return { ...nextBuild(path, dockerfile, buildOptions.get(path), readBuildDefaults(path)), tags, target, builder };
}

/** Of a step's row what its build read; of a line, or where the cursor is, what the next build would. */
async function placeOf(argument: unknown, services: BuildsSurfaceServices): Promise<InstructionPlace | undefined> {
	const [step, item] = [stepOf(argument), itemOf(argument)];
	if (step !== undefined && item !== undefined) {
		return { options: await optionsOf(item, services), dockerfile: item.content().dockerfile, instruction: step.instruction };
	}
	const path = await dockerfileFor(argument);
	return path === undefined ? undefined : placeAt(path, lineFor(path, argument), services);
}

/** Of a build its log; of a step what it printed; of a build of an earlier session what its record keeps, and of one at the command line what BuildKit does. */
async function showLog({ records, connection }: BuildsSurfaceServices, model: BuildsModel, logs: BuildLogs, texts: TextDocuments, argument: unknown): Promise<void> {
	const step = stepOf(argument);
	const id = step?.buildId ?? itemOf(argument)?.id ?? model.latest(pathOf(argument) ?? activeDockerfile())?.id ?? model.latest()?.id;
	if (step !== undefined) {
		const text = logs.stepText(step.buildId, step.instruction);
		if (text !== undefined) {
			await openStepLog(texts, step, text);
			return;
		}
	}
	if (id !== undefined && logs.show(id, false)) {
		return;
	}
	const { engine, info } = await connection.get();
	const path = pathOf(argument) ?? activeDockerfile();
	const record = (await records.listEngine(info.id)).find(one => id === undefined ? path === undefined || one.dockerfilePath === path : one.id === id);
	if (record === undefined) {
		await vscode.window.showInformationMessage(vscode.l10n.t('There is no build yet whose log could be shown.'));
		return;
	}
	const remembered = record.origin === undefined ? undefined : await rememberedLog(engine, record);
	if (step !== undefined && remembered !== undefined) {
		const text = remembered.stepText(step.instruction);
		await openStepLog(texts, step, text);
		return;
	}
	await texts.open(vscode.l10n.t('Build {0}', vscode.workspace.asRelativePath(record.dockerfilePath)) + '.log', record.id, () => remembered?.text ?? recordText(record, translate), { languageId: 'log' });
}

async function openStepLog(texts: TextDocuments, step: StepLog, text: string): Promise<void> {
	await texts.open(`${step.title}.log`, `${step.buildId}/${String(step.instruction)}`, () => text === '' ? vscode.l10n.t('This step printed nothing.') : text, { languageId: 'log', preserveFocus: true });
}

interface StepLog {
	readonly buildId: string;
	readonly instruction: number;
	readonly title: string;
}

/** A step of the view, as its row's click or its menu names it. */
function stepOf(argument: unknown): StepLog | undefined {
	if (typeof argument !== 'object' || argument === null || !('kind' in argument) || argument.kind !== 'step') {
		return undefined;
	}
	const { facts, run } = argument as unknown as StepNode;
	return { buildId: run.item.id, instruction: facts.instruction, title: vscode.l10n.t('Line {0}', facts.line) };
}

/** The build that a row of the view belongs to. */
function itemOf(argument: unknown): BuildItem | undefined {
	if (typeof argument !== 'object' || argument === null) {
		return undefined;
	}
	const { item, run } = argument as { readonly item?: BuildItem; readonly run?: { readonly item?: BuildItem } };
	return item ?? run?.item;
}
