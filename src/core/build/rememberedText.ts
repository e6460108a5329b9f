import { fieldsIn, fieldsOf, textOf } from '../base/protobuf';
import { jsonOf } from '../engine/records/wire';

/**
 * The text of the Dockerfile that was built, out of BuildKit's provenance (docs/attestations/slsa-definitions.md; SLSA 0.2
 * and 1). `filename`: its path as the frontend was given it. Undefined where it is not in there.
 */
export function provenanceText(provenance: Uint8Array, filename: string): string | undefined {
	const predicate = jsonOf(provenance);
	const older = at(predicate, 'metadata', 'https://mobyproject.org/buildkit@v1#metadata');
	const newer = at(predicate, 'runDetails', 'metadata', 'buildkit_metadata');
	const infos = at(older ?? newer, 'source', 'infos');
	return Array.isArray(infos) ? firstText(infos, filename) : undefined;
}

/**
 * The same of a build that failed, out of its error's details: where the error has a place in a Dockerfile, BuildKit says that
 * with the whole text (solver/errdefs/source.go). `status`: a `google.rpc.Status`.
 */
export function errorText(status: Uint8Array, filename: string): string | undefined {
	const details = [...fieldsOf(status)].flatMap(({ number, value }) => number === 3 ? [[...fieldsIn(value)]] : []);
	const sources = details.filter(any => any.some(({ number, value }) => number === 1 && textOf(value).endsWith('errdefs.Source+json')));
	return firstText(sources.flatMap(any => any.flatMap(({ number, value }) => number === 2 && typeof value !== 'number' ? [at(jsonOf(value), 'info')] : [])), filename);
}

/** Of sources (`SourceInfo`) the text of the one with this name. */
function firstText(infos: readonly unknown[], filename: string): string | undefined {
	const data = at(infos.find(one => at(one, 'filename') === filename), 'data');
	return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : undefined;
}

function at(value: unknown, ...path: readonly string[]): unknown {
	return path.reduce<unknown>((inside, name) => typeof inside === 'object' && inside !== null && Object.hasOwn(inside, name) ? (inside as Record<string, unknown>)[name] : undefined, value);
}
