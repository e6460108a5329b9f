import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../contributions';
import { formatBytes } from '../../core/base/bytes';
import { formatDuration } from '../../core/base/duration';
import type { Outcome } from '../../core/build/run';
import { cacheScore } from '../../core/cacheScore';
import { continuesStage } from '../../core/dockerfile/textBefore';
import { translate as t } from '../../platform/messages';
import { rowUri } from '../../platform/rowColors';
import type { Row } from '../../platform/tree';
import { describeBuildFailure } from '../../words/build';
import { oneLine, runRow, shorten, stepRow } from '../../words/rows';
import { formatMoment } from '../../words/when';
import { changedFiles, reasonSentence, reasonWords } from '../../words/reason';
import { saysWhy, type BuildsNode, type DockerfileNode, type ErrorNode, type OtherNode, type OthersNode, type ReasonNode, type RunNode, type StageNode, type StepNode, type WarningNode, type WarningsNode } from './buildsModel';

/** What each node shows. */
export function buildsRow(node: BuildsNode, relative: (path: string) => string): Row {
	switch (node.kind) {
		case 'dockerfile': return dockerfileRow(node, relative);
		case 'run': return runNodeRow(node);
		case 'stage': return stageRow(node);
		case 'step': return stepNodeRow(node);
		case 'others': return othersRow(node);
		case 'other': return otherRow(node);
		case 'warnings': return warningsRow(node);
		case 'warning': return warningRow(node);
		case 'error': return errorRow(node);
		case 'reason': return reasonRow(node);
	}
}

function dockerfileRow({ path }: DockerfileNode, relative: (path: string) => string): Row {
	const place = relative(path);
	return {
		id: `dockerfile:${path}`,
		label: basename(path),
		description: place === basename(path) ? undefined : place.slice(0, -basename(path).length - 1),
		tooltip: path,
		accessible: t('Builds of {0}', place),
		icon: { name: 'file' },
		uri: rowUri(undefined, path),
		contextValue: 'dockerfile',
		expand: 'collapsed',
	};
}

function runNodeRow({ item, previous, isPinned }: RunNode): Row {
	// While it runs the score grows with each step, and whenever this row reads otherwise all its steps are drawn anew.
	const score = item.state === 'running' ? undefined : cacheScore(item.content().lines);
	const text = runRow({
		state: item.state,
		moment: formatMoment(item.startedAt, Date.now(), vscode.env.language),
		durationMs: item.durationMs,
		cached: score?.cached ?? 0,
		cacheable: score?.cacheable ?? 0,
		target: item.target,
		tags: item.tags,
		builder: item.builder,
		warnings: item.warnings.length,
		noCache: item.noCache,
		imageBytes: item.record?.image?.totalBytes,
		previousBytes: previous?.record?.image?.totalBytes,
		isPinned,
		isOfCommandLine: item.isOfCommandLine,
	}, t);
	return {
		...text,
		id: item.id,
		icon: stateIcon(item.state),
		contextValue: `run+${item.state}${isPinned ? '+pinned' : ''}`,
		expand: item.build === undefined ? 'collapsed' : 'expanded',
	};
}

function stageRow({ stage, parent }: StageNode): Row {
	const { item } = parent;
	const { dockerfile, lines } = item.content();
	const inside = lines.filter(facts => facts.stage === stage);
	const { name, label, base } = dockerfile.stages[stage]!;
	const total = inside[0]?.stageTotal;
	const outcome = stageOutcome(inside.map(facts => facts.outcome));
	const numbers = [
		...total?.bytes === undefined ? [] : [total.partial ? t('at least {0}', formatBytes(total.bytes)) : formatBytes(total.bytes)],
		...total?.durationMs === undefined ? [] : [formatDuration(total.durationMs)],
	];
	const title = oneLine(name ?? label);
	const words = outcome === 'notRun' ? [t('not run')] : outcome === 'cached' ? [t('cached'), ...numbers] : numbers;
	return {
		id: `${item.id}/stage/${String(stage)}`,
		label: title,
		description: words.join(' · '),
		tooltip: [t('Stage {0}', title), t('From {0}', oneLine(base)), words.join(' · ')].filter(line => line !== '').join('\n'),
		accessible: [t('Stage {0}', title), ...words].join(', '),
		icon: outcomeIcon(outcome),
		contextValue: 'stage',
		expand: item.build !== undefined || outcome === 'failed' ? 'expanded' : 'collapsed',
	};
}

/** A stage's own outcome: the worst of its steps', else whether all of it came from the cache. */
function stageOutcome(outcomes: readonly (Outcome | undefined)[]): Outcome {
	const ranked: readonly Outcome[] = ['failed', 'cancelled', 'unfinished', 'running', 'ran', 'pending', 'cached', 'notRun'];
	return ranked.find(outcome => outcomes.includes(outcome)) ?? 'metadata';
}

function stepNodeRow(node: StepNode): Row {
	const { facts, run } = node;
	const { item } = run;
	const text = stepRow({
		text: facts.text,
		line: facts.line,
		outcome: facts.outcome,
		durationMs: facts.durationMs,
		sizeBytes: facts.size?.bytes,
		progress: item.content().steps[facts.instruction]?.progress,
	}, t);
	const isBase = facts.keyword === 'FROM' && facts.outcome === 'metadata';
	const isQuiet = !isBase && (facts.outcome === 'metadata' || facts.outcome === 'notRun' || facts.outcome === 'pending');
	// The editor keeps a row as closed as it first saw it, so a step that fails is another row than the one that ran.
	const id = `${item.id}/step/${String(facts.instruction)}`;
	const hasError = facts.outcome === 'failed' && item.error !== undefined;
	return {
		...text,
		id: hasError ? `${id}/failed` : saysWhy(facts.reason) ? `${id}/explained` : id,
		description: isBase ? undefined : text.description,
		icon: isBase ? { name: 'package' } : outcomeIcon(facts.outcome ?? 'pending'),
		uri: isQuiet ? rowUri('dimmed', `/${String(facts.instruction)}`) : undefined,
		contextValue: `step+line${continuesStage(facts) ? '+inside' : ''}${hasError ? '+failed' : ''}`,
		expand: hasError ? 'expanded' : saysWhy(facts.reason) ? 'collapsed' : 'leaf',
		command: { title: t('Show Build Log'), command: Command.showBuildLog, arguments: [node] },
	};
}

function reasonRow({ reason, parent: { facts, run } }: ReasonNode): Row {
	const sentence = reasonSentence(reason, t);
	const files = changedFiles(reason, t).map(({ path, how }) => `${path}: ${how}`);
	return {
		id: `${run.item.id}/step/${String(facts.instruction)}/reason`,
		label: reasonWords(reason, t),
		tooltip: [sentence, ...files].join('\n'),
		accessible: [t('Why it ran: {0}', sentence), ...files].join(', '),
		icon: { name: 'question' },
		contextValue: 'reason',
		expand: 'leaf',
		command: {
			title: t('Explain Cache Miss'), command: Command.explainMiss,
			arguments: [{ kind: 'misses', lines: run.item.content().lines, instruction: facts.instruction, key: `${run.item.id}/${String(facts.instruction)}` }],
		},
	};
}

function othersRow({ parent }: OthersNode): Row {
	const failed = parent.item.build?.run.others.some(({ error }) => error !== undefined) === true;
	const label = t('Preparation and export');
	return {
		id: `${parent.item.id}/others`,
		label,
		accessible: label,
		icon: { name: failed ? 'error' : 'gear', color: failed ? 'testing.iconFailed' : undefined },
		contextValue: 'others',
		expand: 'collapsed',
	};
}

function otherRow({ other, index, parent }: OtherNode): Row {
	const time = other.durationMs === undefined ? undefined : formatDuration(other.durationMs);
	const label = oneLine(other.name);
	return {
		id: `${parent.parent.item.id}/others/${String(index)}`,
		label: shorten(label),
		description: time,
		tooltip: other.error === undefined ? label : `${label}\n${shorten(other.error, 1000)}`,
		accessible: [label, time, other.error].filter(part => part !== undefined).join(', '),
		icon: other.error === undefined ? { name: 'circle-small' } : { name: 'error', color: 'testing.iconFailed' },
		contextValue: 'other',
		expand: 'leaf',
	};
}

function warningsRow({ parent }: WarningsNode): Row {
	const count = parent.item.warnings.length;
	const label = count === 1 ? t('1 warning') : t('{0} warnings', count);
	return {
		id: `${parent.item.id}/warnings`,
		label,
		accessible: label,
		icon: { name: 'warning', color: 'list.warningForeground' },
		contextValue: 'warnings',
		expand: 'collapsed',
	};
}

function warningRow({ warning, index, target, parent }: WarningNode): Row {
	const label = oneLine(warning.message);
	return {
		id: `${parent.parent.item.id}/warnings/${String(index)}`,
		label: shorten(label),
		description: target && t('line {0}', target.line),
		tooltip: [label, ...warning.detail.map(oneLine)].join('\n'),
		accessible: target === undefined ? label : t('{0}, line {1}', label, target.line),
		icon: { name: 'warning', color: 'list.warningForeground' },
		contextValue: target === undefined ? 'warning' : 'warning+line',
		expand: 'leaf',
		command: target && { title: t('Go to Dockerfile Line'), command: Command.revealLine, arguments: [target] },
	};
}

function errorRow({ failure, logTail = '', parent }: ErrorNode): Row {
	const item = parent.kind === 'run' ? parent.item : parent.run.item;
	// The last words of the step say more than the engine's own sentence, which repeats the instruction.
	const lastWords = logTail.trimEnd().split('\n').at(-1)?.trim() ?? '';
	const sentence = describeBuildFailure(failure, item.content().dockerfile, item.target, t);
	const label = oneLine(lastWords === '' ? sentence : lastWords);
	const exit = failure.exitCode === undefined ? undefined : t('exit code {0}', failure.exitCode);
	return {
		id: `${item.id}/error`,
		label: shorten(label),
		description: exit,
		tooltip: [sentence, logTail.trimEnd().split('\n').slice(-15).join('\n')].filter(text => text !== '').join('\n\n'),
		accessible: [t('Error: {0}', label), exit].filter(part => part !== undefined).join(', '),
		icon: { name: 'error', color: 'list.errorForeground' },
		contextValue: 'error',
		expand: 'leaf',
		command: { title: t('Show Build Log'), command: Command.showBuildLog, arguments: [parent] },
	};
}

function stateIcon(state: RunNode['item']['state']): Row['icon'] {
	switch (state) {
		case 'running': return { name: 'sync~spin' };
		case 'succeeded': return { name: 'pass', color: 'testing.iconPassed' };
		case 'failed': return { name: 'error', color: 'testing.iconFailed' };
		case 'cancelled': return { name: 'circle-slash', color: 'testing.iconSkipped' };
	}
}

/** Each outcome has a shape of its own, the one of the mark beside its line; the colour repeats it. */
function outcomeIcon(outcome: Outcome): Row['icon'] {
	switch (outcome) {
		case 'pending': return { name: 'circle-outline', color: 'disabledForeground' };
		case 'running': return { name: 'sync~spin' };
		case 'cached': return { name: 'check', color: 'testing.iconPassed' };
		case 'ran': return { name: 'circle-filled', color: 'charts.blue' };
		case 'failed': return { name: 'error', color: 'testing.iconFailed' };
		case 'cancelled':
		case 'unfinished': return { name: 'circle-slash', color: 'testing.iconSkipped' };
		case 'notRun': return { name: 'dash', color: 'disabledForeground' };
		case 'metadata': return { name: 'gear', color: 'disabledForeground' };
	}
}
