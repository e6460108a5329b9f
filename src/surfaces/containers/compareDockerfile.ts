import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import { parseDockerfile } from '../../core/dockerfile/parse';
import type { ContainerSummary } from '../../core/engine/engine';
import { readBuildDefaults } from '../../platform/buildDefaults';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import type { TextDocuments } from '../../platform/textDocuments';
import type { BuildRunner } from '../../services/buildRunner';
import { compareContainer } from '../../services/compareContainer';
import type { EngineConnection } from '../../services/engineConnection';
import type { ExploredImages } from '../../services/exploredImages';
import { nextBuild } from '../../services/nextBuild';
import type { TemporaryImages } from '../../services/temporaryImages';
import { describeBuildFailure } from '../../words/build';
import { comparisonTitle, containerComparisonText } from '../../words/containerComparison';
import { oneLine } from '../../words/rows';

export interface CompareDockerfileServices {
	readonly connection: EngineConnection;
	readonly explored: ExploredImages;
	readonly runner: BuildRunner;
	readonly temporary: TemporaryImages;
	readonly texts: TextDocuments;
}

/** Builds a container's Dockerfile, lists what still differs, and leaves no image behind. */
export async function compareDockerfile({ connection, explored, runner, temporary, texts }: CompareDockerfileServices, container: ContainerSummary, path: string): Promise<void> {
	const { engine, info } = await connection.get();
	await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.scheme === 'file' && uri.fsPath === path)?.save();
	const dockerfile = parseDockerfile(await readFile(path, 'utf8'));
	const options = nextBuild(path, dockerfile, {}, readBuildDefaults(path));
	const title = vscode.l10n.t('Building {0}', vscode.workspace.asRelativePath(path));
	await temporary.use(engine, info, labels => longWork(title, signal => runner.build(engine, info, { ...options, labels }, signal)), async ({ run, resolved }) => {
		if (run.imageId === undefined) {
			if (run.state === 'failed' && run.error !== undefined) {
				throw new Error(describeBuildFailure(run.error, resolved.dockerfile, undefined, translate));
			}
			return;
		}
		const { imageId } = run;
		const comparison = await longWork(vscode.l10n.t('Comparing the image with {0}', oneLine(container.name)), (signal, report) =>
			compareContainer(engine, explored, container, imageId, { signal, onProgress: bytes => { report(formatBytes(bytes)); } }));
		const about = { container: container.name, dockerfile: path };
		await texts.open(vscode.l10n.t('{0} compared.txt', oneLine(container.name)), container.id, () => containerComparisonText(comparison, about, translate));
		vscode.window.setStatusBarMessage(comparisonTitle(comparison.files.length + comparison.config.length, translate), 10_000);
	});
}
