import * as vscode from 'vscode';
import { Command } from '../../contributions';
import type { NamedSource } from '../../core/layerFile';
import { registerCommands } from '../../platform/commands';
import { toAbortSignal } from '../../platform/cancellation';
import { namedSourceOf } from '../../platform/namedSource';
import type { Log } from '../../platform/log';
import type { Comparison, Comparisons } from '../../services/comparisons';
import type { ImageStore } from '../../services/imageStore';
import type { OpenArchives } from '../../services/openArchives';
import { oneLine } from '../../words/rows';
import { isImagesNode } from './imagesModel';

export interface ComparisonSources {
	readonly images: ImageStore;
	readonly archives: OpenArchives;
	readonly comparisons: Comparisons;
}

/** *Compare Images…*; `show` brings the result into view. */
export function registerComparisonCommands(log: Log, sources: ComparisonSources, show: (comparison: Comparison) => Promise<void>): vscode.Disposable {
	const { comparisons } = sources;
	return registerCommands(log, {
		[Command.compareImages]: async argument => {
			const a = namedSourceOf(argument) ?? await pickImage(sources, vscode.l10n.t('Compare which image?'), undefined);
			const b = a && await pickImage(sources, vscode.l10n.t('Compare {0} with which image?', oneLine(a.name)), a);
			if (a === undefined || b === undefined) {
				return;
			}
			const comparison = await vscode.window.withProgress({
				location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Comparing {0} with {1}', oneLine(a.name), oneLine(b.name)),
			}, (_, token) => comparisons.compare(a, b, toAbortSignal(token)));
			await show(comparison);
		},
		[Command.closeComparison]: argument => {
			if (isImagesNode(argument) && argument.kind === 'comparison') {
				comparisons.close(argument.comparison);
			}
		},
	});
}

async function pickImage({ images, archives }: ComparisonSources, placeHolder: string, other: NamedSource | undefined): Promise<NamedSource | undefined> {
	const choices = async (): Promise<(vscode.QuickPickItem & { readonly named?: NamedSource })[]> => {
		// Without an engine archives are left.
		const engines = (await images.images().catch(() => [])).flatMap(({ id, references, sizeBytes }) =>
			references.map(reference => ({ reference, named: { source: { kind: 'engine' as const, reference: id }, name: reference }, sizeBytes })));
		const opened = (await Promise.all(archives.paths.map(path => archives.images(path).catch(() => [])))).flat();
		return [
			...engines.map(({ reference, named }) => ({ label: `$(tag) ${oneLine(reference)}`, named })),
			...opened.length > 0 ? [{ label: vscode.l10n.t('Archives'), kind: vscode.QuickPickItemKind.Separator }] : [],
			...opened.map(archive => ({ label: `$(file-zip) ${oneLine(archive.name)}`, description: archive.source.path, named: archive })),
		].filter(choice => !('named' in choice) || JSON.stringify(choice.named.source) !== JSON.stringify(other?.source));
	};
	return (await vscode.window.showQuickPick(choices(), { placeHolder, matchOnDescription: true }))?.named;
}
