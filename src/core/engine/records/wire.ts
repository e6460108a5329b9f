/*
 * Readers for JSON that others wrote. An engine, its version or a proxy may leave out any field or give another type;
 * every reader answers `undefined` (or an empty list or map) for what it cannot use, and none throws.
 */

export type WireRecord = Readonly<Record<string, unknown>>;

const empty: WireRecord = {};

export function recordOf(value: unknown): WireRecord {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as WireRecord : empty;
}

export function listOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

/** A text that says something: engines write `''` for "none". */
export function someTextOf(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A number where the engine writes -1 for "not computed". */
export function countOf(value: unknown): number | undefined {
	const number = numberOf(value);
	return number === undefined || number < 0 ? undefined : number;
}

export function textsOf(value: unknown): readonly string[] {
	return listOf(value).filter(item => typeof item === 'string');
}

export function textMapOf(value: unknown): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(recordOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** RFC 3339 → milliseconds since the epoch. Go's zero time (year 1) is "not known". */
export function instantOf(value: unknown): number | undefined {
	const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN;
	return Number.isFinite(instant) && instant > Date.UTC(1900) ? instant : undefined;
}

/** Seconds since the epoch → milliseconds. */
export function secondsOf(value: unknown): number | undefined {
	const seconds = numberOf(value);
	return seconds === undefined ? undefined : seconds * 1000;
}

/** `["A=1", "B=x=y"]` → `{ A: '1', B: 'x=y' }`; a name alone has an empty value. */
export function environmentOf(value: unknown): Readonly<Record<string, string>> {
	return Object.fromEntries(textsOf(value).map(entry => {
		const equals = entry.indexOf('=');
		return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
	}));
}

/** Engines before 23 write `<none>:<none>` and `<none>@<none>` where there is no name. */
export function referencesOf(value: unknown): readonly string[] {
	return textsOf(value).filter(reference => !reference.startsWith('<none>')).map(familiarName);
}

/** Podman writes names of Docker Hub in full, and takes them as people write them; Docker leaves the Hub out. */
export function familiarName(reference: string): string {
	return reference.replace(/^docker\.io\/(?:library\/)?/, '');
}

/** Podman leaves out in many places what a digest begins with. */
export function imageIdOf(value: unknown): string | undefined {
	const id = someTextOf(value);
	return id !== undefined && /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

/** A file's or an answer's JSON; undefined where there is none, or it is broken. */
export function jsonOf(bytes: Uint8Array | undefined): unknown {
	try {
		return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
	} catch {
		return undefined;
	}
}
