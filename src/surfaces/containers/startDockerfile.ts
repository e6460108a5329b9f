import * as vscode from 'vscode';
import type { ContainerChange, ContainerSummary } from '../../core/engine/engine';
import { changeLetter, oneLine } from '../../words/rows';

/** Enough to remember what was done; the Containers view has them all. */
const mostListed = 50;

/** Opens a new Dockerfile on the container's image, with what was changed by hand as a list to work from. */
export async function startDockerfile({ name, image }: ContainerSummary, changes: readonly ContainerChange[]): Promise<void> {
	const listed = changes.slice(0, mostListed).map(({ change, path }) => `#   ${changeLetter(change)} ${oneLine(path)}`);
	const left = changes.length - listed.length;
	const content = [
		`FROM ${oneLine(image)}`,
		'',
		`# ${vscode.l10n.t('What was changed by hand in the container {0} (A added, C changed, D removed).', oneLine(name))}`,
		`# ${vscode.l10n.t('Write it as RUN and COPY instructions; then every step is on record and can be repeated.')}`,
		...listed,
		...left > 0 ? [`#   ${vscode.l10n.t('and {0} more', left)}`] : [],
		'',
	].join('\n');
	await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'dockerfile', content }));
}
