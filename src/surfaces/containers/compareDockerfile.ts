import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import { parseDockerfile } from '../../core/dockerfile/parse';
import type { ContainerSummary, Engine } from '../../core/engine/engine';
import { readBuildDefaults } from '../../platform/buildDefaults';
import { longWork } from '../../platform/longWork';
import { translate } from '../../platform/messages';
import type { TextDocuments } from '../../platform/textDocuments';
import type { BuildRunner } from '../../services/buildRunner';
import { compareContainer } from '../../services/compareContainer';
import type { EngineConnection } from '../../services/engineConnection';
import type { ExploredImages } from '../../services/exploredImages';
import { nextBuild } from '../../services/nextBuild';
import { describeBuildFailure } from '../../words/build';
import { comparisonTitle, containerComparisonText } from '../../words/containerComparison';
import { oneLine } from '../../words/rows';

export interface CompareDockerfileServices {
	readonly connection: EngineConnection;
	readonly explored: ExploredImages;
	readonly runner: BuildRunner;
	readonly texts: TextDocuments;
}

/** Builds a container's Dockerfile, lists what still differs, and leaves no image behind. */
export async function compareDockerfile({ connection, explored, runner, texts }: CompareDockerfileServices, container: ContainerSummary, path: string): Promise<void> {
	const { engine, info } = await connection.get();
	await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.scheme === 'file' && uri.fsPath === path)?.save();
	const dockerfile = parseDockerfile(await readFile(path, 'utf8'));
	const before = new Set((await engine.images()).map(({ id }) => id));
	// Labelled, so that its image is no other's: it goes again whatever happens.
	const options = { ...nextBuild(path, dockerfile, {}, readBuildDefaults(path)), labels: { 'dev.strata.temporary': '1' } };
	const { run, resolved } = await longWork(vscode.l10n.t('Building {0}', vscode.workspace.asRelativePath(path)), signal => runner.build(engine, info, options, signal));
	try {
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
	} finally {
		await removeBuilt(engine, run.imageId, before);
	}
}

/** Only what this build made and nobody has named since. */
async function removeBuilt(engine: Engine, imageId: string | undefined, before: ReadonlySet<string>): Promise<void> {
	if (imageId === undefined || before.has(imageId)) {
		return;
	}
	const image = await engine.image(imageId).catch(() => undefined);
	if (image?.references.length === 0 && image.labels['dev.strata.temporary'] === '1') {
		await engine.removeImage(imageId);
	}
}
