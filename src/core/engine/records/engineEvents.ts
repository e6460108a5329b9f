import type { EngineEvent } from '../engine';
import { familiarName, imageIdOf, numberOf, recordOf, secondsOf, someTextOf, textMapOf, textOf } from './wire';

/** One line of `GET /events`. Only `Type`, `Action` and `Actor` are read: `status`, `id` and `from` are gone from API 1.52. */
export function engineEvent(line: unknown): EngineEvent | undefined {
	const record = recordOf(line);
	const type = someTextOf(record['Type']);
	const action = someTextOf(record['Action']);
	if (type === undefined || action === undefined) {
		return undefined;
	}
	const actor = recordOf(record['Actor']);
	const isImage = type === 'image';
	const attributes = textMapOf(actor['Attributes']);
	const nanoseconds = numberOf(record['timeNano']);
	return {
		type,
		action,
		id: (isImage ? imageIdOf(actor['ID']) : textOf(actor['ID'])) ?? '',
		attributes: isImage && attributes['name'] !== undefined ? { ...attributes, name: familiarName(attributes['name']) } : attributes,
		at: nanoseconds === undefined ? secondsOf(record['time']) ?? 0 : Math.floor(nanoseconds / 1e6),
	};
}
