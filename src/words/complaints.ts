import type { LintWarning } from '../core/build/events';
import type { BuildFailure } from '../core/build/run';
import type { Translate } from './translate';

/** So much of a failed step's output is shown beside its line. */
const mostLogLines = 12;

/** Why a line failed, with the end of what it printed. */
export function failureMessage(keyword: string, { exitCode, message }: BuildFailure, logTail: string | undefined, t: Translate): string {
	const first = exitCode === undefined ? message : t('{0} failed with exit code {1}.', keyword, exitCode);
	const log = (logTail ?? '').trimEnd().split('\n').slice(-mostLogLines).join('\n').trim();
	return log === '' ? first : `${first}\n${log}`;
}

/** BuildKit's own sentence; it begins with the rule's name and ends with the line, which both stand elsewhere. */
export function warningMessage({ message }: LintWarning): string {
	return message.replace(/^\w+: /, '').replace(/ \(line \d+\)$/, '');
}

/** The rule's name, e.g. `FromAsCasing`. */
export function warningCode({ message }: LintWarning): string | undefined {
	return /^(\w+): /.exec(message)?.[1];
}
