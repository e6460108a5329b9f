import type { BuildRecord } from './record';

/** The first version: what a build says of its image's base and what lint said were not kept. */
type RecordOfVersion1 = Omit<BuildRecord, 'version' | 'image' | 'warnings'> & { readonly version: 1 };

/** A stored record, brought to the present version; undefined where it is none, or is of a later version. */
export function readRecord(stored: unknown): BuildRecord | undefined {
	if (!hasShape(stored)) {
		return undefined;
	}
	return stored.version === 2 ? stored : { ...stored, version: 2, image: undefined, warnings: undefined };
}

function hasShape(value: unknown): value is BuildRecord | RecordOfVersion1 {
	return typeof value === 'object' && value !== null
		&& 'version' in value && (value.version === 1 || value.version === 2)
		&& 'id' in value && typeof value.id === 'string'
		&& 'startedAt' in value && typeof value.startedAt === 'number'
		&& 'text' in value && typeof value.text === 'string'
		&& 'options' in value && typeof value.options === 'object'
		&& 'instructions' in value && Array.isArray(value.instructions);
}
