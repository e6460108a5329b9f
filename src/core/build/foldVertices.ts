import type { BuildEvent, VertexEvent } from './events';
import { mapSteps } from './mapSteps';
import type { RunFold, VertexState } from './runFold';

/** Takes in what BuildKit's trace tells of vertices and their progress; outcomes are drawn from it in `stepOutcomes`. */
export function foldVertices(fold: RunFold, events: readonly BuildEvent[]): RunFold {
	const vertices = new Map(fold.vertices);
	const progress = new Map(fold.progress);
	let isNew = false;
	let isChanged = false;
	for (const event of events) {
		if (event.kind === 'vertex' && event.digest !== '') {
			const before = vertices.get(event.digest);
			const after = merged(before, event);
			isNew ||= before === undefined || before.name !== after.name || before.inputs.length !== after.inputs.length;
			isChanged = true;
			vertices.set(event.digest, after);
			if (event.completedAt !== undefined) {
				progress.delete(event.digest);
			}
		} else if (event.kind === 'status') {
			isChanged = true;
			if (event.completedAt === undefined) {
				progress.set(event.vertex, { name: event.name || event.id, current: event.current, total: event.total });
			} else {
				progress.delete(event.vertex);
			}
		}
	}
	if (!isChanged) {
		return fold;
	}
	return { ...fold, vertices, progress, steps: isNew ? mapSteps(fold.resolved, vertices.values()) : fold.steps };
}

/** Later messages add to earlier ones: `cached` may come after the times, the name before them. */
function merged(before: VertexState | undefined, event: VertexEvent): VertexState {
	const intervals = before?.intervals ?? [];
	const { startedAt: start, completedAt: end } = event;
	const known = intervals.findIndex(interval => interval.start === start);
	// BuildKit drops a result whose loading failed or was given up, and tries again: then that failure was not the end.
	const earlier = before?.error !== undefined && start !== undefined && known < 0 ? undefined : before;
	return {
		digest: event.digest,
		inputs: event.inputs.length > 0 ? event.inputs : before?.inputs ?? [],
		name: event.name || before?.name || '',
		cached: event.cached || earlier?.cached === true,
		intervals: start === undefined ? intervals
			: known < 0 ? [...intervals, { start, end }]
				: end === undefined ? intervals : intervals.with(known, { start, end }),
		completedAt: end ?? earlier?.completedAt,
		error: event.error ?? earlier?.error,
	};
}
