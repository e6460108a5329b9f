import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Builder } from '../../core/engine/engine';
import { argNames } from '../../core/dockerfile/nameValue';
import type { Dockerfile } from '../../core/dockerfile/model';
import type { RunWants } from '../../core/dockerfile/runWants';
import { isSecretName } from '../../core/cache/redactor';
import { translate } from '../../platform/messages';
import { askValue, separator, showPage, type PageEntry } from '../../platform/optionsPage';
import type { BuildChoices } from '../../services/buildOptionsStore';
import { describeTagProblem } from '../../words/reference';
import { oneLine } from '../../words/rows';
import { askSource, sourceWords } from './askSecrets';

/** Choices with what holds for this one build only. */
export interface AskedOptions {
	readonly choices: BuildChoices;
	readonly noCache: boolean;
}

export interface AskOptionsInput {
	readonly path: string;
	readonly dockerfile: Dockerfile;
	readonly choices: BuildChoices;
	/** What its RUNs want of this machine, with these choices. */
	readonly wants: (choices: BuildChoices) => RunWants;
	readonly hasSshAgent: boolean;
	/** What holds where nothing is chosen. */
	readonly defaults: {
		readonly tags: readonly string[];
		readonly buildArgs: Readonly<Record<string, string>>;
		readonly network: string;
		readonly builder: Builder;
	};
}

type Action = 'build' | 'tags' | 'target' | 'buildArgs' | 'noCache' | 'pull' | 'platform' | 'network' | 'builder' | 'contextPath' | 'secrets' | 'sshAgent';

/** All options of a build on one page. Undefined: the person left, and nothing is remembered. */
export async function askOptions(input: AskOptionsInput): Promise<AskedOptions | undefined> {
	let asked: AskedOptions = { choices: input.choices, noCache: false };
	for (;;) {
		const action: Action | undefined = await showPage<Action>({
			title: vscode.l10n.t('Build {0}', vscode.workspace.asRelativePath(input.path)),
			placeholder: vscode.l10n.t('Enter builds. Choices are remembered for this Dockerfile.'),
			entries: () => entries(input, asked),
		});
		if (action === undefined) {
			return undefined;
		}
		if (action === 'build') {
			return asked;
		}
		asked = action === 'noCache' ? { ...asked, noCache: !asked.noCache } : { ...asked, choices: { ...asked.choices, ...await change(action, input, asked.choices) } };
	}
}

function entries({ path, dockerfile, defaults, wants, hasSshAgent }: AskOptionsInput, { choices, noCache }: AskedOptions): PageEntry<Action>[] {
	const { secrets, sshLine } = wants(choices);
	const { tags = defaults.tags, target, pull = false, platform, network = defaults.network, builder, contextPath } = choices;
	const args = Object.entries({ ...defaults.buildArgs, ...choices.buildArgs }).map(([name, value]) => `${name}=${isSecretName(name) ? '•••' : value}`).join(' ');
	return [
		{ action: 'build', label: `$(play) ${vscode.l10n.t('Build')}`, description: tags.join(', '), alwaysShow: true },
		separator(),
		{ action: 'tags', label: `$(tag) ${vscode.l10n.t('Tags')}`, description: tags.join(', ') },
		...dockerfile.stages.length > 1
			? [{ action: 'target' as const, label: `$(target) ${vscode.l10n.t('Target stage')}`, description: target ?? vscode.l10n.t('the last one') }] : [],
		{ action: 'buildArgs', label: `$(symbol-parameter) ${vscode.l10n.t('Build arguments')}`, description: args || vscode.l10n.t('none') },
		{ action: 'contextPath', label: `$(folder) ${vscode.l10n.t('Build context')}`, description: vscode.workspace.asRelativePath(contextPath ?? dirname(path)) },
		...secrets.length > 0 ? [{
			action: 'secrets' as const, label: `$(lock) ${vscode.l10n.t('Secrets')}`,
			description: secrets.map(({ id }) => `${oneLine(id)}: ${sourceWords(choices.secrets?.[id])}`).join(', '),
		}] : [],
		...sshLine === undefined ? [] : [{
			action: 'sshAgent' as const, ...toggle(choices.sshAgent === true, vscode.l10n.t('Lend the SSH agent to RUN')),
			...hasSshAgent ? {} : { detail: vscode.l10n.t('No SSH agent runs here: SSH_AUTH_SOCK is not set') },
		}],
		separator(),
		{ action: 'noCache', ...toggle(noCache, vscode.l10n.t('Without cache, this time')) },
		{ action: 'pull', ...toggle(pull, vscode.l10n.t('Look for newer base images in the registry')) },
		separator(),
		{ action: 'platform', label: `$(circuit-board) ${vscode.l10n.t('Platform')}`, description: platform ?? vscode.l10n.t('the engine\'s own') },
		{ action: 'network', label: `$(globe) ${vscode.l10n.t('Network of RUN')}`, description: network },
		{ action: 'builder', label: `$(tools) ${vscode.l10n.t('Builder')}`, description: builder ?? vscode.l10n.t('automatic: {0}', defaults.builder) },
	];
}

function toggle(isOn: boolean, label: string): { readonly label: string; readonly description: string } {
	return { label: `${isOn ? '$(pass-filled)' : '$(circle-large-outline)'} ${label}`, description: isOn ? vscode.l10n.t('on') : vscode.l10n.t('off') };
}

/** Asks for one choice; a box that is left changes nothing, one that is emptied takes the choice back. */
async function change(action: Exclude<Action, 'build' | 'noCache'>, input: AskOptionsInput, choices: BuildChoices): Promise<BuildChoices> {
	switch (action) {
		case 'tags': {
			const text = await askTags(choices.tags ?? input.defaults.tags);
			return { tags: text === undefined ? choices.tags : text.length === 0 ? undefined : text };
		}
		case 'target':
			return { target: await pickTarget(input.dockerfile, choices.target) };
		case 'buildArgs':
			return { buildArgs: await askArguments(input.dockerfile, choices.buildArgs ?? {}, input.defaults.buildArgs) };
		case 'contextPath': {
			const [folder] = await vscode.window.showOpenDialog({
				canSelectFiles: false, canSelectFolders: true, defaultUri: vscode.Uri.file(choices.contextPath ?? dirname(input.path)),
				openLabel: vscode.l10n.t('Use as Build Context'),
			}) ?? [];
			return folder === undefined ? {} : { contextPath: folder.fsPath === dirname(input.path) ? undefined : folder.fsPath };
		}
		case 'secrets':
			return { secrets: await changeSecret(input, choices) };
		case 'sshAgent':
			return { sshAgent: choices.sshAgent !== true };
		case 'pull':
			return { pull: choices.pull === true ? undefined : true };
		case 'platform':
			return { platform: await askValue({
				title: vscode.l10n.t('Platform'), prompt: vscode.l10n.t('Empty: the engine\'s own'), placeHolder: 'linux/arm64', value: choices.platform ?? '',
				validateInput: text => /^(?:[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?)?$/.test(text.trim()) ? undefined : vscode.l10n.t('Write an operating system and an architecture, like linux/arm64.'),
			}) || undefined };
		case 'network':
			return pickOne(vscode.l10n.t('Network of RUN'), ['default', 'none', 'host'] as const, choices.network, network => ({ network: network === 'default' ? undefined : network }));
		case 'builder':
			return pickOne(vscode.l10n.t('Builder'), ['auto', 'buildkit', 'classic'] as const, choices.builder, builder => ({ builder: builder === 'auto' ? undefined : builder }));
	}
}

async function pickOne<T extends string>(title: string, values: readonly T[], current: T | undefined, choose: (value: T) => BuildChoices): Promise<BuildChoices> {
	const picked = await vscode.window.showQuickPick(
		values.map((value, at) => ({ label: value, value, description: value === (current ?? values[at === 0 ? 0 : -1]) ? vscode.l10n.t('current') : '' })),
		{ title, placeHolder: title, ignoreFocusOut: true });
	return picked === undefined ? {} : choose(picked.value);
}

/** Undefined: left. Empty: the default again. */
export async function askTags(tags: readonly string[]): Promise<readonly string[] | undefined> {
	const typed = await vscode.window.showInputBox({
		title: vscode.l10n.t('Tags'),
		prompt: vscode.l10n.t('Separated by spaces. Empty: the default.'),
		value: tags.join(' '),
		ignoreFocusOut: true,
		validateInput: text => wordsOf(text).map(tag => describeTagProblem(tag, translate)).find(problem => problem !== undefined),
	});
	return typed === undefined ? undefined : wordsOf(typed);
}

/** A stage's name; undefined: the last stage, or the one there was where the person left. */
async function pickTarget(dockerfile: Dockerfile, current: string | undefined): Promise<string | undefined> {
	const picked = await vscode.window.showQuickPick([
		{ label: vscode.l10n.t('The last stage'), description: '', name: undefined },
		...stagePicks(dockerfile),
	], { title: vscode.l10n.t('Target stage'), placeHolder: vscode.l10n.t('Which stage is to be built?'), ignoreFocusOut: true });
	return picked === undefined ? current : picked.name;
}

/** The stages to pick from: those with a name, since engines refuse a number as the target. */
export function stagePicks({ stages }: Dockerfile): (vscode.QuickPickItem & { readonly name: string })[] {
	return stages.flatMap(({ name, base }) => name === undefined ? [] : [{ label: `$(layers) ${name}`, description: vscode.l10n.t('from {0}', base), name }]);
}

/** One argument at a time, from those that the Dockerfile declares. */
async function askArguments({ instructions, escape }: Dockerfile, current: Readonly<Record<string, string>>, defaults: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
	const declared = instructions.filter(({ keyword }) => keyword === 'ARG').flatMap(({ args }) => argNames(args, escape));
	const names = [...new Set([...declared.map(({ name }) => name), ...Object.keys(current)])];
	const other = vscode.l10n.t('Another argument…');
	const picked = await vscode.window.showQuickPick([
		...names.map(name => ({ label: name, description: isSecretName(name) && current[name] !== undefined ? '•••' : current[name] ?? defaults[name] ?? vscode.l10n.t('as the Dockerfile says') })),
		{ label: `$(add) ${other}`, description: '' },
	], { title: vscode.l10n.t('Build arguments'), placeHolder: vscode.l10n.t('Which argument gets a value?'), ignoreFocusOut: true });
	const name = picked?.label.endsWith(other) === true
		? (await vscode.window.showInputBox({ title: vscode.l10n.t('Build arguments'), prompt: vscode.l10n.t('Name of the argument'), ignoreFocusOut: true }))?.trim()
		: picked?.label;
	if (!name) {
		return current;
	}
	const value = await vscode.window.showInputBox({
		title: name,
		prompt: isSecretName(name) ? vscode.l10n.t('Kept until the editor closes. Empty: as the Dockerfile says.') : vscode.l10n.t('Empty: as the Dockerfile says.'),
		value: current[name] ?? '', password: isSecretName(name), ignoreFocusOut: true,
	});
	if (value === undefined) {
		return current;
	}
	return Object.fromEntries([...Object.entries(current).filter(([other]) => other !== name), ...value === '' ? [] : [[name, value] as const]]);
}

/** Another place for one of the secrets. */
async function changeSecret({ path, wants }: AskOptionsInput, choices: BuildChoices): Promise<NonNullable<BuildChoices['secrets']>> {
	const { secrets } = wants(choices);
	const current = choices.secrets ?? {};
	const picked = secrets.length === 1 ? { secret: secrets[0]! } : await vscode.window.showQuickPick(
		secrets.map(secret => ({ label: `$(lock) ${oneLine(secret.id)}`, description: sourceWords(current[secret.id]), secret })),
		{ title: vscode.l10n.t('Secrets'), placeHolder: vscode.l10n.t('Which secret comes from elsewhere?'), ignoreFocusOut: true });
	const source = picked && await askSource(path, picked.secret);
	return source === undefined ? current : { ...current, [picked!.secret.id]: source };
}

function wordsOf(text: string): readonly string[] {
	return text.split(/[\s,]+/).filter(word => word !== '');
}
