import type { BuiltLayer } from './builtSizes';
import type { BuildRecord } from './record';

/**
 * The record with what is known of further layers. A cached step whose size could be several is given the one it had in
 * the build before, where that made the same image.
 */
export function withLayers(record: BuildRecord, layers: ReadonlyMap<number, BuiltLayer>, previous: BuildRecord | undefined): BuildRecord {
	const before = previous !== undefined && previous.imageId === record.imageId && previous.text === record.text ? previous.instructions : [];
	let isChanged = false;
	const instructions = record.instructions.map((instruction, at) => {
		const size = layers.get(at)?.size ?? (instruction.outcome === 'cached' ? before[at]?.size : undefined);
		if (instruction.size !== undefined || size === undefined) {
			return instruction;
		}
		isChanged = true;
		return { ...instruction, size, diffId: instruction.diffId ?? layers.get(at)?.diffId };
	});
	return isChanged ? { ...record, instructions } : record;
}
