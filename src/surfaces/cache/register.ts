import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { changesBuildCache } from '../../core/build/changesBuildCache';
import { onDidEndCommandLine } from '../../platform/commandLines';
import { registerCommands } from '../../platform/commands';
import type { Log } from '../../platform/log';
import { showMarkdownPage } from '../../platform/markdownPage';
import { translate } from '../../platform/messages';
import type { TextDocuments } from '../../platform/textDocuments';
import { onSettingChange } from '../../platform/settings';
import type { BaselineStore } from '../../services/baselineStore';
import type { CacheServices } from '../../services/cacheServices';
import type { ForecastStore } from '../../services/forecastStore';
import type { LineFactsStore } from '../../services/lineFactsStore';
import type { RecordStore } from '../../services/recordStore';
import { accuracyPage, type ScoredRow } from '../../words/accuracyPage';
import { formatMoment } from '../../words/when';
import { deleteRecords } from './deleteRecords';
import { compareInstruction, explainMiss } from './explain';
import { watchContexts } from './watchContexts';

export interface CacheSurfaceServices {
	readonly log: Log;
	readonly lineFacts: LineFactsStore;
	readonly cache: CacheServices;
	readonly forecasts: ForecastStore;
	readonly records: RecordStore;
	readonly baselines: BaselineStore;
	readonly texts: TextDocuments;
}

/** Why lines ran, and how good forecasts were. */
export function registerCache({ log, lineFacts, cache, forecasts, records, baselines, texts }: CacheSurfaceServices): vscode.Disposable {
	return vscode.Disposable.from(
		watchContexts(forecasts),
		// The engine itself may tell nothing of a build without a tag, or that fails, and tells nothing of `docker buildx prune`,
		// which is what `docker builder prune` is.
		onDidEndCommandLine(commandLine => {
			if (changesBuildCache(commandLine)) {
				forecasts.changedElsewhere();
			}
		}),
		onSettingChange(['forecast.enabled', 'build.builder', 'build.arguments', 'build.network'], () => { forecasts.refresh(); }),
		registerCommands(log, {
			[Command.explainMiss]: argument => explainMiss(lineFacts, texts, argument),
			[Command.compareInstruction]: argument => compareInstruction(lineFacts, texts, argument),
			[Command.deleteRecords]: () => deleteRecords(records, baselines),
			[Command.showAccuracy]: () => showMarkdownPage(texts, vscode.l10n.t('Forecast Accuracy'), '', async () => accuracyPage(await scoredRows(cache), translate)),
		}),
	);
}

async function scoredRows({ scores }: CacheServices): Promise<readonly ScoredRow[]> {
	return (await scores.list()).map(({ at, dockerfilePath, builder, score }) => ({
		moment: formatMoment(at, Date.now(), vscode.env.language),
		dockerfile: vscode.workspace.asRelativePath(dockerfilePath),
		builder,
		steps: score.steps, right: score.right, depends: score.depends, unknown: score.unknown,
		wrongHits: score.wrongHits.length, wrongMisses: score.wrongMisses.length,
	}));
}
