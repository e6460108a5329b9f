/**
 * The text of the Dockerfile that was built, out of BuildKit's provenance (docs/attestations/slsa-definitions.md; SLSA 0.2
 * and 1). `filename`: its path as the frontend was given it. Undefined where it is not in there.
 */
export function provenanceText(provenance: Uint8Array, filename: string): string | undefined {
	let predicate: unknown;
	try {
		predicate = JSON.parse(Buffer.from(provenance).toString('utf8'));
	} catch {
		return undefined;
	}
	const older = at(predicate, 'metadata', 'https://mobyproject.org/buildkit@v1#metadata');
	const newer = at(predicate, 'runDetails', 'metadata', 'buildkit_metadata');
	const infos = at(older ?? newer, 'source', 'infos');
	const info: unknown = Array.isArray(infos) ? infos.find(one => at(one, 'filename') === filename) : undefined;
	const data = at(info, 'data');
	return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : undefined;
}

function at(value: unknown, ...path: readonly string[]): unknown {
	return path.reduce<unknown>((inside, name) => typeof inside === 'object' && inside !== null && Object.hasOwn(inside, name) ? (inside as Record<string, unknown>)[name] : undefined, value);
}
