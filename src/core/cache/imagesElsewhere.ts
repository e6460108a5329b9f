import type { CacheKnowledge } from './knowledge';
import type { SurveyedStep } from './cacheSurvey';

/** An image that the classic builder keeps in between, with the command that its history says made it. */
export interface StepImage {
	readonly id: string;
	readonly createdBy: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
}

/**
 * Those of a parent's images that no recorded build came to and that may be this step's: made by its kind of
 * instruction, a RUN by its command, a COPY to its destination (moby, builder/dockerfile/dispatchers.go).
 */
export function imagesElsewhere({ inputs: { keyword }, step }: SurveyedStep, images: readonly StepImage[], knowledge: CacheKnowledge): readonly string[] {
	const isRun = keyword === 'RUN';
	const kind = new RegExp(`#\\(nop\\)\\s+${keyword}\\b`);
	const end = endOf(keyword, step.operation);
	return images
		.filter(({ createdBy }) => (isRun ? !createdBy.includes('#(nop)') : kind.test(createdBy)) && createdBy.trimEnd().endsWith(end))
		.map(({ id }) => shortId(id))
		.filter(result => !knowledge.hasResult(result));
}

/** As the classic builder prints an image's id, and results are named by. */
export function shortId(id: string): string {
	return id.replace(/^sha256:/, '').slice(0, 12);
}

/** What its row of the history ends with; empty where that is not known, as of what a secret was taken out of. */
function endOf(keyword: string, operation: string): string {
	const parts: unknown[] = JSON.parse(operation) as unknown[];
	const end = keyword === 'RUN' ? (parts[1] as string[]).join(' ') : keyword === 'COPY' || keyword === 'ADD' ? ` in ${String(parts[3])}` : '';
	return end.includes('hmac:') ? '' : end.trimEnd();
}
