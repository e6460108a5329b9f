import { fieldsIn, fieldsOf, integerOf, textOf, timestampOf } from '../../base/protobuf';
import { familiarName } from './wire';

/** A build as BuildKit remembers it (`BuildHistoryRecord`, api/services/control/control.proto). */
export interface RememberedBuild {
	/** BuildKit's name for it; buildx and the Docker CLI call it the build's ID. */
	readonly ref: string;
	/** What the frontend was asked for: `target`, `build-arg:NAME`, `filename`, … */
	readonly attributes: Readonly<Record<string, string>>;
	/** Names that its image was to have. */
	readonly tags: readonly string[];
	/** By the engine's clock, milliseconds since the epoch. */
	readonly startedAt: number;
	/** Undefined while it runs. */
	readonly finishedAt: number | undefined;
	/** A code of gRPC and words; undefined where it succeeded. */
	readonly error: { readonly code: number; readonly message: string } | undefined;
	/** Digests one of which the engine knows its image by; empty where none was made. */
	readonly images: readonly string[];
	/** Digest of the provenance that BuildKit kept; undefined where it failed. */
	readonly provenance: string | undefined;
	/** Digest of the error in full, a `google.rpc.Status` with its details; undefined where it succeeded. */
	readonly errorDetails: string | undefined;
}

/** The builds in messages `BuildHistoryEvent`, the oldest first. Total: what is no build is left out. */
export function rememberedBuilds(events: readonly Uint8Array[]): readonly RememberedBuild[] {
	const builds = events.flatMap(event => [...fieldsOf(event)].flatMap(({ number, value }) => number === 2 ? buildOf(value) ?? [] : []));
	return builds.sort((a, b) => a.startedAt - b.startedAt);
}

function buildOf(record: number | Uint8Array): RememberedBuild | undefined {
	let ref = '';
	const attributes: [string, string][] = [];
	const answers: [string, string][] = [];
	const tags: string[] = [];
	const results: Result[] = [];
	let startedAt: number | undefined;
	let finishedAt: number | undefined;
	let error: RememberedBuild['error'];
	let errorDetails: string | undefined;
	for (const { number, value } of fieldsIn(record)) {
		switch (number) {
			case 1:
				ref = textOf(value);
				break;
			case 3:
				attributes.push(pairOf(value));
				break;
			case 4:
				tags.push(...tagsOf(value));
				break;
			case 5:
				error = errorOf(value);
				break;
			case 6:
				startedAt = wholeOf(timestampOf(value));
				break;
			case 7:
				finishedAt = wholeOf(timestampOf(value));
				break;
			case 9:
				answers.push(pairOf(value));
				break;
			case 10:
				results.push(resultOf(value));
				break;
			case 18:
				errorDetails = descriptorOf(value).digest || undefined;
				break;
			default:
		}
	}
	if (ref === '' || startedAt === undefined) {
		return undefined;
	}
	const digest = answers.find(([name]) => name === 'containerimage.digest')?.[1];
	return {
		ref, tags, startedAt, finishedAt, error, errorDetails,
		attributes: Object.fromEntries(attributes),
		images: [...digest === undefined ? [] : [digest], ...results.flatMap(({ images }) => images)],
		provenance: results.map(one => one.provenance).find(one => one !== undefined),
	};
}

/** Of a moment the whole milliseconds, as of our own builds. */
function wholeOf(moment: number | undefined): number | undefined {
	return moment === undefined ? undefined : Math.floor(moment);
}

/** An entry of a map: key and value. */
function pairOf(entry: number | Uint8Array): [string, string] {
	const fields = [...fieldsIn(entry)];
	const part = (wanted: number): string => textOf(fields.find(({ number }) => number === wanted)?.value ?? 0);
	return [part(1), part(2)];
}

/** `Exporter`: its attribute `name` has the image's names, with commas between. */
function tagsOf(exporter: number | Uint8Array): readonly string[] {
	const names = [...fieldsIn(exporter)].flatMap(({ number, value }) => {
		const [key, text] = number === 2 ? pairOf(value) : [];
		return key === 'name' ? text?.split(',') ?? [] : [];
	});
	return names.filter(name => name !== '').map(familiarName);
}

/** `google.rpc.Status`. */
function errorOf(status: number | Uint8Array): RememberedBuild['error'] {
	const fields = [...fieldsIn(status)];
	return {
		code: integerOf(fields.find(({ number }) => number === 1)?.value ?? 0),
		message: textOf(fields.find(({ number }) => number === 2)?.value ?? 0),
	};
}

interface Result {
	readonly images: readonly string[];
	readonly provenance: string | undefined;
}

/** `BuildResultInfo`. */
function resultOf(info: number | Uint8Array): Result {
	const images: string[] = [];
	let provenance: string | undefined;
	for (const { number, value } of fieldsIn(info)) {
		if (number === 1) {
			images.push(descriptorOf(value).digest);
		} else if (number === 2) {
			const { digest, annotations } = descriptorOf(value);
			if (annotations.some(([name, text]) => name === 'in-toto.io/predicate-type' && text.startsWith('https://slsa.dev/provenance/'))) {
				provenance ??= digest;
			}
		} else if (number === 3) {
			images.push(...[...fieldsIn(value)].flatMap(field => field.number === 2 ? descriptorOf(field.value).digest : []));
		}
	}
	return { images: [...new Set(images)].filter(digest => digest !== ''), provenance };
}

function descriptorOf(descriptor: number | Uint8Array): { readonly digest: string; readonly annotations: readonly [string, string][] } {
	const fields = [...fieldsIn(descriptor)];
	return {
		digest: textOf(fields.find(({ number }) => number === 2)?.value ?? 0),
		annotations: fields.flatMap(({ number, value }) => number === 5 ? [pairOf(value)] : []),
	};
}

/** What messages `ReadContentResponse` (containerd, services/content/v1) hold together. */
export function contentOf(messages: readonly Uint8Array[]): Uint8Array {
	return Buffer.concat(messages.flatMap(message => [...fieldsOf(message)].flatMap(({ number, value }) => number === 2 && typeof value !== 'number' ? value : [])));
}
