import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { SecretSource } from '../../core/build/secretSource';
import type { RunWants, WantedSecret } from '../../core/dockerfile/runWants';
import type { BuildChoices } from '../../services/buildOptionsStore';
import { oneLine } from '../../words/rows';

/**
 * Asks for what the RUNs of a build want of this machine and nobody has decided yet, with the line that wants it. Gives
 * what was decided now, all secrets with their places among it; undefined: the person left.
 */
export async function askMissing(path: string, { secrets, sshLine }: RunWants, choices: BuildChoices, hasAgent: boolean): Promise<Pick<BuildChoices, 'secrets' | 'sshAgent'> | undefined> {
	const places = new Map(Object.entries(choices.secrets ?? {}));
	const missing = secrets.filter(({ id }) => !places.has(id));
	for (const secret of missing) {
		const source = await askSource(path, secret);
		if (source === undefined) {
			return undefined;
		}
		places.set(secret.id, source);
	}
	const decided = missing.length === 0 ? {} : { secrets: Object.fromEntries(places) };
	if (sshLine === undefined || choices.sshAgent !== undefined || !hasAgent) {
		return decided;
	}
	const sshAgent = await askAgent(sshLine);
	return sshAgent === undefined ? undefined : { ...decided, sshAgent };
}

/** Where one secret comes from; undefined where the person left. */
export async function askSource(path: string, { id, line, isRequired }: WantedSecret): Promise<SecretSource | undefined> {
	const picked = await vscode.window.showQuickPick([
		{ label: `$(file) ${vscode.l10n.t('A File…')}`, description: vscode.l10n.t('read when the build begins'), kindOf: 'file' as const },
		{ label: `$(symbol-variable) ${vscode.l10n.t('An Environment Variable…')}`, description: vscode.l10n.t('of this editor'), kindOf: 'environment' as const },
		{
			label: `$(circle-slash) ${vscode.l10n.t('Build Without It')}`, kindOf: 'none' as const,
			description: isRequired ? vscode.l10n.t('the line requires it and will fail') : vscode.l10n.t('the line runs and finds no file'),
		},
	], {
		title: vscode.l10n.t('Secret {0}', oneLine(id)), ignoreFocusOut: true,
		placeHolder: vscode.l10n.t('Line {0} mounts it. Where does it come from? Only the place is remembered.', line),
	});
	switch (picked?.kindOf) {
		case 'file': {
			const [file] = await vscode.window.showOpenDialog({ title: vscode.l10n.t('Secret {0}', oneLine(id)), defaultUri: vscode.Uri.file(dirname(path)), openLabel: vscode.l10n.t('Use as Secret') }) ?? [];
			return file && { kind: 'file', path: file.fsPath };
		}
		case 'environment': {
			const name = await vscode.window.showInputBox({
				title: vscode.l10n.t('Secret {0}', oneLine(id)), prompt: vscode.l10n.t('Name of the environment variable that holds it'), ignoreFocusOut: true,
				value: id.toUpperCase().replace(/[^A-Z0-9_]/g, '_'),
				validateInput: text => process.env[text.trim()] === undefined ? vscode.l10n.t('The editor was started without a variable of this name.') : undefined,
			});
			return name === undefined ? undefined : { kind: 'environment', name: name.trim() };
		}
		case 'none':
			return { kind: 'none' };
		case undefined:
			return undefined;
	}
}

/** A place in a few words. */
export function sourceWords(source: SecretSource | undefined): string {
	switch (source?.kind) {
		case undefined:
			return vscode.l10n.t('asked when building');
		case 'none':
			return vscode.l10n.t('built without');
		case 'file':
			return vscode.workspace.asRelativePath(source.path);
		case 'environment':
			return `$${source.name}`;
	}
}

/** Whether RUN may use the SSH agent: what runs there can sign with its keys meanwhile. Undefined: left. */
async function askAgent(line: number): Promise<boolean | undefined> {
	const picked = await vscode.window.showQuickPick([
		{ label: `$(key) ${vscode.l10n.t('Lend the SSH Agent')}`, description: vscode.l10n.t('what the line runs can sign in with your keys, but not read them'), lends: true },
		{ label: `$(circle-slash) ${vscode.l10n.t('Build Without It')}`, description: '', lends: false },
	], {
		title: vscode.l10n.t('SSH agent'), ignoreFocusOut: true,
		placeHolder: vscode.l10n.t('Line {0} asks for your SSH agent. Remembered for this Dockerfile.', line),
	});
	return picked?.lends;
}
