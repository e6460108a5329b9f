import { formatBytes } from '../core/base/bytes';
import type { ChangeNode } from '../core/changeTree';
import type { ContainerChange, ContainerSummary } from '../core/engine/engine';
import type { RunProblem } from '../core/runPlan';
import { changeCounts, changeWord, oneLine, type RowText } from './rows';
import type { Translate } from './translate';

/** A path that changed in a container, or a folder of such; `bytes` of the files in it, where they are known. */
export function changedPathRow({ name, path, change, children, count }: ChangeNode, bytes: number | undefined, t: Translate): RowText {
	const label = oneLine(name);
	const isFolder = children.length > 0;
	const word = change === undefined ? [] : [changeWord(change, t)];
	const size = bytes === undefined ? [] : [formatBytes(bytes)];
	const below = count - (change === undefined ? 0 : 1);
	const inside = isFolder ? [below === 1 ? t('1 change') : t('{0} changes', below)] : [];
	return {
		label,
		description: [...size, ...inside].join(' · '),
		tooltip: [
			oneLine(path), ...word,
			...size.map(words => isFolder ? t('File content that is new or changed in it: {0}', words) : t('File content: {0}', words)),
		].join('\n'),
		accessible: [label, isFolder ? t('folder') : '', ...word, ...size, ...inside.map(words => t('{0} inside', words))].filter(part => part !== '').join(', '),
	};
}

/** What is wrong with a part of what should run, in one sentence. */
export function describeRunProblem(problem: RunProblem, subject: string, t: Translate): string {
	switch (problem) {
		case 'port': return t('"{0}" is no port, like 8080:80, 127.0.0.1:8080:80 or 53:53/udp.', subject);
		case 'volume': return t('"{0}" is no volume, like /folder:/in/container, data:/var/lib/data or /folder:/in/container:ro.', subject);
		case 'variable': return t('"{0}" is no variable; write NAME=value.', subject);
		case 'quote': return t('A quote ({0}) is never closed.', subject);
		case 'name': return t('"{0}" is no name for a container: letters, digits and . _ - are allowed, at least two.', subject);
	}
}

/** What is lost with a container, before it is removed. `changes` are undefined where the engine does not say. */
export function describeRemoval({ name, state }: ContainerSummary, changes: readonly ContainerChange[] | undefined, t: Translate): { readonly question: string; readonly detail: string } {
	const isRunning = state === 'running' || state === 'paused' || state === 'restarting';
	return {
		question: isRunning ? t('{0} is running. End it and remove it?', oneLine(name)) : t('Remove {0}?', oneLine(name)),
		detail: [
			changes === undefined ? t('Everything that changed in it since it was made from its image is lost.')
				: changes.length === 0 ? t('Nothing changed in it since it was made from its image.')
				: t('Lost with it, since they are in no image: {0}.', changeCounts(changes, t)),
			t('Its image and named volumes stay.'),
		].join(' '),
	};
}

export function describeExit(code: number | undefined, t: Translate): string {
	return code === undefined ? t('It has ended. Press Enter to close.') : t('It ended with exit code {0}. Press Enter to close.', code);
}
