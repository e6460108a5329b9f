import type { LineChange, LineHistory } from '../core/lineHistory';

/** A line beside itself in the build before and in the pinned one, as the command line's documents have it. */
export function historyJson(history: LineHistory | undefined): Readonly<Record<'sinceLast' | 'sincePinned', unknown>> {
	return { sinceLast: changeJson(history?.sinceLast), sincePinned: changeJson(history?.sincePinned) };
}

function changeJson(change: LineChange | undefined): Readonly<Record<string, unknown>> | null {
	return change === undefined ? null : {
		builtAt: new Date(change.at).toISOString(),
		sizeBytesBefore: change.bytes?.before ?? null, durationMsBefore: change.durationMs?.before ?? null,
	};
}
