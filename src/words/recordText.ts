import { formatBytes } from '../core/base/bytes';
import { formatDuration } from '../core/base/duration';
import type { BuildRecord } from '../core/build/record';
import { oneLine, outcomeWord } from './rows';
import type { Translate } from './translate';

/** What is kept of a build whose log is gone: its steps, and the end of the failed one's output. */
export function recordText(record: BuildRecord, t: Translate): string {
	const steps = record.instructions.flatMap(({ line, text, outcome, durationMs, size, logTail }) => [
		[
			t('line {0}', line).padEnd(10), outcomeWord(outcome, t).padEnd(12),
			(durationMs === undefined ? '' : formatDuration(durationMs)).padStart(10), (size === undefined ? '' : formatBytes(size.bytes)).padStart(10),
			` ${oneLine(text)}`,
		].join(' '),
		...logTail === undefined || logTail === '' ? [] : ['', ...logTail.trimEnd().split('\n').map(logLine => `    ${logLine}`), ''],
	]);
	return [
		record.origin === undefined ? t('The log of this build was kept until the editor closed. Its steps:') : t('The engine no longer has the log of this build. Its steps:'),
		'',
		...steps,
		...record.error === undefined ? [] : ['', t('Error: {0}', record.error.message)],
		'',
	].join('\n');
}
