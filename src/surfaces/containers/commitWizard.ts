import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { formatBytes } from '../../core/base/bytes';
import { checkCommitChange, previewCommit, type CommitPreview } from '../../core/commitPlan';
import type { CommitRequest, ContainerSummary } from '../../core/engine/engine';
import { familiarName, parseReference } from '../../core/image/reference';
import { askReference } from '../../platform/askReference';
import { translate } from '../../platform/messages';
import { askValue, separator, showPage, type PageEntry } from '../../platform/optionsPage';
import type { ReadyConnection } from '../../services/engineConnection';
import { describeChangeProblem, describeCommitLimits, describePreview } from '../../words/commit';
import { oneLine } from '../../words/rows';

export interface CommitWizardInput {
	readonly container: ContainerSummary;
	readonly connection: ReadyConnection;
	/** Asked again at the end, so that the check is of the moment. */
	readonly references: () => Promise<readonly string[]>;
	readonly author: string;
}

/** Each path looked at is one engine call. */
const mostStats = 400;

/** Asks what a commit needs. Undefined: the person left. */
export async function askCommit(input: CommitWizardInput): Promise<CommitRequest | undefined> {
	const reference = await askReference({
		title: vscode.l10n.t('Commit {0} (1/2)', input.container.name),
		prompt: vscode.l10n.t('Name and tag of the new image'),
		value: suggestedTag(input.container),
		taken: input.references,
	});
	return reference === undefined ? undefined : review(input, reference);
}

function suggestedTag({ image, name }: ContainerSummary): string {
	const parsed = parseReference(image);
	const cleaned = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
	return `${parsed === undefined ? cleaned || 'image' : familiarName(parsed)}:${cleaned || 'changed'}`;
}

type Action = 'commit' | 'message' | 'author' | 'changes' | 'pause' | 'dockerfile' | 'contents';

/** Everything on one page, the first entry does it. The preview fills in as the container's files are looked at. */
async function review(input: CommitWizardInput, reference: string): Promise<CommitRequest | undefined> {
	const { container } = input;
	let request: CommitRequest = { containerId: container.id, reference, message: '', author: input.author, changes: [], pause: true };
	const stop = new AbortController();
	let preview: CommitPreview | undefined;
	let failure: string | undefined;
	let redraw: (() => void) | undefined;
	void preparePreview(input, stop.signal).then(made => { preview = made; }, (reason: unknown) => {
		failure = reason instanceof Error ? reason.message : String(reason);
	}).finally(() => { redraw?.(); });
	try {
		for (;;) {
			const action: Action | undefined = await showPage<Action>({
				title: vscode.l10n.t('Commit {0} (2/2)', container.name),
				placeholder: vscode.l10n.t('Enter commits; or choose what to change first'),
				entries: () => entries(request, preview, failure),
				isBusy: () => preview === undefined && failure === undefined,
				onRedraw: draw => { redraw = draw; },
			});
			switch (action) {
				case undefined:
					return undefined;
				case 'commit':
					return request;
				case 'message':
					request = { ...request, message: await askValue({ title: vscode.l10n.t('Message'), prompt: vscode.l10n.t('Kept in the image, shown as its comment'), value: request.message }) };
					break;
				case 'author':
					request = { ...request, author: await askValue({ title: vscode.l10n.t('Author'), prompt: vscode.l10n.t('Kept in the image'), value: request.author }) };
					break;
				case 'changes':
					request = { ...request, changes: await askChanges(request.changes, input.connection.info.apiVersion) };
					break;
				case 'pause':
					request = { ...request, pause: !request.pause };
					break;
				case 'dockerfile':
					await vscode.commands.executeCommand(Command.writeContainerDockerfile, { kind: 'container', container });
					return undefined;
				case 'contents':
					break;
			}
		}
	} finally {
		stop.abort();
	}
}

async function preparePreview({ connection: { engine }, container }: CommitWizardInput, signal: AbortSignal): Promise<CommitPreview> {
	const [changes, { mounts }] = await Promise.all([engine.changes(container.id, signal), engine.container(container.id, signal)]);
	return previewCommit(changes, { mounts, limit: mostStats, stat: path => engine.statInContainer(container.id, path, signal), signal });
}

function entries(request: CommitRequest, preview: CommitPreview | undefined, failure: string | undefined): PageEntry<Action>[] {
	const contents = preview === undefined ? failure ?? vscode.l10n.t('looking at what changed…') : describePreview(preview, translate);
	return [
		{ action: 'commit', label: `$(save-as) ${vscode.l10n.t('Commit')}`, description: request.reference, alwaysShow: true },
		{
			action: 'contents', label: `$(layers) ${vscode.l10n.t('What goes in')}`, description: contents,
			detail: preview?.heaviest.map(({ path, bytes }) => `${oneLine(path)} ${formatBytes(bytes)}`).join(' · ') || undefined, alwaysShow: true,
		},
		separator(),
		{ action: 'message', label: `$(comment) ${vscode.l10n.t('Message')}`, description: request.message || vscode.l10n.t('none') },
		{ action: 'author', label: `$(person) ${vscode.l10n.t('Author')}`, description: request.author || vscode.l10n.t('none') },
		{ action: 'changes', label: `$(edit) ${vscode.l10n.t('Changes to its config')}`, description: request.changes.join(' · ') || vscode.l10n.t('none') },
		{
			action: 'pause', label: `${request.pause ? '$(pass-filled)' : '$(circle-large-outline)'} ${vscode.l10n.t('Pause the container while committing')}`,
			description: request.pause ? vscode.l10n.t('on: its files do not change in between') : vscode.l10n.t('off: files may be caught half written'),
		},
		separator(),
		{ action: 'dockerfile', label: `$(info) ${vscode.l10n.t('Write a Dockerfile Instead')}`, detail: describeCommitLimits(translate) },
	];
}

/** Adds and removes instructions until the person is done. */
async function askChanges(changes: readonly string[], apiVersion: string): Promise<readonly string[]> {
	if (changes.length === 0) {
		return addChange(changes, apiVersion);
	}
	const add = vscode.l10n.t('Add an Instruction…');
	const chosen = await vscode.window.showQuickPick([
		{ label: `$(add) ${add}`, change: undefined },
		...changes.map(change => ({ label: `$(trash) ${change}`, description: vscode.l10n.t('choose to remove'), change })),
	], { title: vscode.l10n.t('Changes to its config'), placeHolder: vscode.l10n.t('Add an instruction, or choose one to remove'), ignoreFocusOut: true });
	if (chosen === undefined) {
		return changes;
	}
	return chosen.change === undefined ? addChange(changes, apiVersion) : changes.filter(change => change !== chosen.change);
}

async function addChange(changes: readonly string[], apiVersion: string): Promise<readonly string[]> {
	const typed = await vscode.window.showInputBox({
		title: vscode.l10n.t('Changes to its config'),
		prompt: vscode.l10n.t('An instruction as in a Dockerfile, applied to the new image'),
		placeHolder: 'CMD ["nginx", "-g", "daemon off;"]',
		ignoreFocusOut: true,
		validateInput: text => {
			const problem = checkCommitChange(text, apiVersion);
			return problem && describeChangeProblem(problem, translate);
		},
	});
	return typed === undefined ? changes : [...changes, typed.trim()];
}
