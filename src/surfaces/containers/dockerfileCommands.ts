import * as vscode from 'vscode';
import { Command } from '../../contributions';
import type { ContainerSummary } from '../../core/engine/engine';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { requireTrust } from '../../platform/trust';
import { compareDockerfile, type CompareDockerfileServices } from './compareDockerfile';
import { writeDockerfile } from './writeDockerfile';

/** Which container a command is about: the one of its menu, or one that is asked for, of those that it is for. */
export type ChooseContainer = (argument: unknown, question: string, candidates?: Candidates) => Promise<ContainerSummary | undefined>;

/** Containers that a command can do something with; `none` is said where there is no such. */
export interface Candidates { readonly fits: (container: ContainerSummary) => boolean; readonly none: string }

/** Containers as Dockerfiles: written, and built and compared with them. */
export function registerDockerfileCommands(services: CompareDockerfileServices & { readonly log: Log }, choose: ChooseContainer): vscode.Disposable {
	/** Where the Dockerfile of a container was written last. */
	const written = new Map<string, string>();
	const compare = async (container: ContainerSummary): Promise<void> => {
		const path = written.get(container.id) ?? openDockerfile() ?? await askDockerfile();
		if (path !== undefined && await requireTrust(vscode.l10n.t('Strata builds nothing in a workspace that is not trusted: a Dockerfile runs commands.'))) {
			await compareDockerfile(services, container, path);
		}
	};
	return registerCommands(services.log, {
		[Command.writeContainerDockerfile]: async argument => {
			const container = await choose(argument, vscode.l10n.t('Which container becomes a Dockerfile?'));
			const path = container && await writeDockerfile(services, container);
			if (container === undefined || path === undefined) {
				return;
			}
			written.set(container.id, path);
			const build = vscode.l10n.t('Build and Compare');
			// Not waited for: the Dockerfile is there to be read first.
			void vscode.window.showInformationMessage(vscode.l10n.t('Review the Dockerfile. Then build it to see whether its image is the container.'), build).then(async chosen => {
				if (chosen === build) {
					await vscode.commands.executeCommand(Command.compareContainerDockerfile, { kind: 'container', container });
				}
			});
		},
		[Command.compareContainerDockerfile]: async argument => {
			const container = await choose(argument, vscode.l10n.t('Which container should the Dockerfile\'s image be compared with?'));
			if (container !== undefined) {
				await compare(container);
			}
		},
	});
}

function openDockerfile(): string | undefined {
	const document = vscode.window.activeTextEditor?.document;
	return document?.languageId === 'dockerfile' && document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
}

async function askDockerfile(): Promise<string | undefined> {
	const [file] = await vscode.window.showOpenDialog({ title: vscode.l10n.t('Which Dockerfile should be built and compared?'), openLabel: vscode.l10n.t('Build and Compare') }) ?? [];
	return file?.fsPath;
}
