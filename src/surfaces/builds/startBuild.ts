import { access, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { chooseBuilder, type BuildOptions } from '../../core/build/buildOptions';
import { guessContext } from '../../core/build/contextGuess';
import { defaultTag } from '../../core/build/defaultTag';
import type { Dockerfile } from '../../core/dockerfile/model';
import { parseDockerfile } from '../../core/dockerfile/parse';
import { resolveDockerfile } from '../../core/dockerfile/resolve';
import { runWants, type RunWants } from '../../core/dockerfile/runWants';
import { formatFamiliar, parseReference, sameReference, withDefaultTag } from '../../core/image/reference';
import { readBuildDefaults } from '../../platform/buildDefaults';
import { requireTrust } from '../../platform/trust';
import type { Build, BuildRunner } from '../../services/buildRunner';
import { sshAgentPath } from '../../services/lendToRun';
import type { BuildChoices, BuildOptionsStore } from '../../services/buildOptionsStore';
import type { EngineConnection, ReadyConnection } from '../../services/engineConnection';
import type { ImageStore } from '../../services/imageStore';
import { nextBuild } from '../../services/nextBuild';
import type { RecordStore } from '../../services/recordStore';
import { thisMachine } from '../../services/thisMachine';
import { askOptions, askTags } from './askOptions';
import { askMissing } from './askSecrets';

export interface StartBuildServices {
	readonly connection: EngineConnection;
	readonly images: ImageStore;
	readonly records: RecordStore;
	readonly runner: BuildRunner;
	readonly buildOptions: BuildOptionsStore;
}

/** What one command asks for beyond what is remembered. */
export interface BuildWish {
	readonly target?: string | undefined;
	readonly noCache?: boolean;
	readonly ownFrontend?: boolean;
	/** Shows all options first. */
	readonly asks?: boolean;
	/** Exactly these options again. */
	readonly options?: BuildOptions;
}

/** A build that is ready to begin. */
export interface ReadyBuild {
	readonly ready: ReadyConnection;
	readonly options: BuildOptions;
}

/**
 * Everything that has to be known before a build: trust, engine, options, build context, and that no tag is taken from
 * another image without asking. Undefined: the person left.
 */
export async function prepareBuild(services: StartBuildServices, path: string, wish: BuildWish): Promise<ReadyBuild | undefined> {
	if (!await requireTrust(vscode.l10n.t('Strata builds nothing in a workspace that is not trusted: a Dockerfile runs commands.'))) {
		return undefined;
	}
	await saveOpen(path);
	const ready = await services.connection.get();
	const options = wish.options ?? await optionsFor(services, path, wish, ready);
	if (options === undefined) {
		return undefined;
	}
	const tags = await ownTags(services, options, ready.info.id);
	return tags && { ready, options: { ...options, tags } };
}

async function optionsFor({ buildOptions }: StartBuildServices, path: string, wish: BuildWish, { info }: ReadyConnection): Promise<BuildOptions | undefined> {
	const dockerfile = parseDockerfile(await readFile(path, 'utf8').catch(() => ''));
	let choices = buildOptions.get(path);
	let { noCache = false } = wish;
	const wantsOf = ({ target, buildArgs }: Pick<BuildChoices, 'target' | 'buildArgs'>): RunWants =>
		runWants(resolveDockerfile(dockerfile, { target: wish.target ?? target, buildArgs }));
	const hasSshAgent = sshAgentPath(thisMachine()) !== undefined;
	if (wish.asks === true) {
		const { buildArgs, network, builder } = nextBuild(path, dockerfile, {}, readBuildDefaults(path));
		const asked = await askOptions({
			path, dockerfile, choices, wants: wantsOf, hasSshAgent,
			defaults: {
				tags: [defaultTag(path)],
				buildArgs,
				network: network ?? 'default',
				builder: chooseBuilder(builder, info),
			},
		});
		if (asked === undefined) {
			return undefined;
		}
		await buildOptions.change(path, { ...cleared, ...asked.choices });
		({ choices, noCache } = asked);
	}
	const target = wish.target ?? choices.target;
	const contextPath = choices.contextPath ?? await chooseContext(buildOptions, path, dockerfile);
	if (contextPath === undefined) {
		return undefined;
	}
	const next = nextBuild(path, dockerfile, { ...choices, contextPath }, readBuildDefaults(path));
	const decided = chooseBuilder(next.builder, info) === 'buildkit' ? await askMissing(path, wantsOf({ ...next, target }), choices, hasSshAgent) : {};
	if (decided === undefined) {
		return undefined;
	}
	await buildOptions.change(path, decided);
	return {
		...next,
		...decided,
		tags: choices.tags !== undefined && wish.target === undefined ? choices.tags : [stageTag(defaultTag(path), wish.target)],
		target,
		noCache,
		ownFrontend: wish.ownFrontend ?? false,
	};
}

/** So that a choice that was taken back is not kept. */
const cleared: BuildChoices = {
	tags: undefined, target: undefined, buildArgs: undefined, pull: undefined, platform: undefined, network: undefined, builder: undefined, contextPath: undefined,
	secrets: undefined, sshAgent: undefined,
};

/** A stage built on the way is not the image: it gets a tag of its own. */
function stageTag(tag: string, target: string | undefined): string {
	return target === undefined ? tag : tag.replace(/:[^:]*$/, `:${target.toLowerCase().replace(/[^a-z0-9_.-]/g, '-')}`);
}

/** The Dockerfile's own folder; where it lacks what is copied and a folder above has it, the person says which. */
async function chooseContext(store: BuildOptionsStore, path: string, dockerfile: Dockerfile): Promise<string | undefined> {
	const own = dirname(path);
	const top = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath;
	const better = top && await guessContext(path, top, resolveDockerfile(dockerfile, {}), file => access(file).then(() => true, () => false));
	if (!better) {
		return own;
	}
	const picked = await vscode.window.showQuickPick([better, own].map(folder => ({
		label: `$(folder) ${folder === top ? basename(folder) : vscode.workspace.asRelativePath(folder)}`,
		description: folder === better ? vscode.l10n.t('has all the files that the Dockerfile copies') : vscode.l10n.t('the Dockerfile\'s own folder'),
		folder,
	})), { title: vscode.l10n.t('Build context'), placeHolder: vscode.l10n.t('Which folder does {0} copy from? Remembered for this Dockerfile.', basename(path)) });
	if (picked !== undefined) {
		await store.change(path, { contextPath: picked.folder });
	}
	return picked?.folder;
}

/**
 * The tags of a build, once it is sure that none is taken from an image that is not of this Dockerfile, or the person
 * said so. Undefined: left.
 */
async function ownTags({ images, records, buildOptions }: StartBuildServices, options: BuildOptions, engineId: string): Promise<readonly string[] | undefined> {
	const { dockerfilePath: path } = options;
	let { tags } = options;
	for (;;) {
		const mine = new Set((await records.listEngine(engineId)).filter(({ dockerfilePath }) => dockerfilePath === path).map(({ imageId }) => imageId));
		const allowed = buildOptions.get(path).ownTags ?? [];
		const others = (await images.images()).filter(({ id }) => !mine.has(id)).flatMap(({ references }) => references);
		const taken = tags.find(tag => !allowed.includes(tag) && others.some(reference => sameReference(reference, tag)));
		if (taken === undefined) {
			return tags.map(full);
		}
		const move = vscode.l10n.t('Move the Tag');
		const another = vscode.l10n.t('Choose Another Tag');
		const chosen = await vscode.window.showWarningMessage(
			vscode.l10n.t('{0} is the tag of an image that Strata did not build from this Dockerfile. Building moves the tag.', taken), move, another);
		if (chosen === move) {
			await buildOptions.change(path, { ownTags: [...allowed, taken] });
		} else if (chosen === another) {
			const asked = await askTags(tags);
			if (asked === undefined) {
				return undefined;
			}
			tags = asked.length === 0 ? [defaultTag(path)] : asked;
			await buildOptions.change(path, { tags });
		} else {
			return undefined;
		}
	}
}

function full(tag: string): string {
	const reference = parseReference(tag);
	return reference === undefined ? tag : formatFamiliar(withDefaultTag(reference));
}

/** What is built is what is on the screen. */
async function saveOpen(path: string): Promise<void> {
	await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.scheme === 'file' && uri.fsPath === path)?.save();
}

/** Runs a build with its progress in the view and in the status bar. */
export async function runPrepared({ runner, images }: StartBuildServices, { ready, options }: ReadyBuild, inView: <T>(work: () => Promise<T>) => Promise<T>): Promise<Build> {
	const name = vscode.workspace.asRelativePath(options.dockerfilePath);
	const build = await vscode.window.withProgress(
		{ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Building {0}', name) },
		() => inView(() => runner.build(ready.engine, ready.info, options)));
	// Docker 20.10 tells nobody of an untagged image that a build leaves.
	images.refresh();
	return build;
}
