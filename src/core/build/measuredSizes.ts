import type { BuildRecord, RecordedInstruction } from './record';

/**
 * A record that learns the sizes of a stage from a build of just that stage of the same text. `built`: that build's
 * instructions. What the record knows stays. `lines`: how many it learnt.
 */
export function measuredSizes(record: BuildRecord, built: readonly RecordedInstruction[], stage: number | undefined): { readonly complete: BuildRecord; readonly lines: number } {
	let lines = 0;
	const instructions = record.instructions.map((instruction, at): RecordedInstruction => {
		const bytes = built[at]?.size?.bytes;
		if (instruction.size !== undefined || bytes === undefined || stage === undefined || instruction.stage !== stage) {
			return instruction;
		}
		lines++;
		return { ...instruction, size: { bytes, measure: 'stageBuild' } };
	});
	return { complete: { ...record, instructions }, lines };
}
