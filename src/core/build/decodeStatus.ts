import type { BuildEvent, BuildWarning, VertexEvent } from './events';
import { fieldsOf } from './protobuf';

/**
 * The events in one `moby.buildkit.trace` message: a base64 `StatusResponse` (BuildKit, api/services/control/control.proto;
 * the field numbers have not changed between the engines 20.10 and 28.5). Total: what cannot be read is left out.
 */
export function decodeStatus(base64: string, now: number): readonly BuildEvent[] {
	const vertices: BuildEvent[] = [];
	const rest: BuildEvent[] = [];
	for (const { number, value } of fieldsOf(Buffer.from(base64, 'base64'))) {
		if (typeof value === 'number') {
			continue;
		}
		switch (number) {
			case 1:
				vertices.push(vertexOf(value));
				break;
			case 2:
				rest.push(statusOf(value));
				break;
			case 3:
				rest.push(logOf(value, now));
				break;
			case 4:
				rest.push(warningOf(value));
				break;
			default:
		}
	}
	// Vertices first: statuses, logs and warnings speak of them.
	return [...vertices, ...rest];
}

function vertexOf(message: Uint8Array): VertexEvent {
	const inputs: string[] = [];
	let digest = '';
	let name = '';
	let cached = false;
	let startedAt: number | undefined;
	let completedAt: number | undefined;
	let error: string | undefined;
	let group: string | undefined;
	for (const { number, value } of fieldsOf(message)) {
		switch (number) {
			case 1:
				digest = text(value);
				break;
			case 2:
				inputs.push(text(value));
				break;
			case 3:
				name = text(value);
				break;
			case 4:
				cached = value === 1;
				break;
			case 5:
				startedAt = timestamp(value);
				break;
			case 6:
				completedAt = timestamp(value);
				break;
			case 7:
				error = text(value) || undefined;
				break;
			case 8:
				group = groupOf(value);
				break;
			default:
		}
	}
	return { kind: 'vertex', digest, inputs, name, cached, startedAt, completedAt, error, group };
}

function statusOf(message: Uint8Array): BuildEvent {
	let id = '';
	let vertex = '';
	let name = '';
	let current = 0;
	let total = 0;
	let completedAt: number | undefined;
	for (const { number, value } of fieldsOf(message)) {
		switch (number) {
			case 1:
				id = text(value);
				break;
			case 2:
				vertex = text(value);
				break;
			case 3:
				name = text(value);
				break;
			case 4:
				current = integer(value);
				break;
			case 5:
				total = integer(value);
				break;
			case 8:
				completedAt = timestamp(value);
				break;
			default:
		}
	}
	return { kind: 'status', vertex, id, name, current, total, completedAt };
}

function logOf(message: Uint8Array, now: number): BuildEvent {
	let vertex = '';
	let at = now;
	let stream: 'out' | 'error' = 'out';
	let data: Uint8Array = new Uint8Array();
	for (const { number, value } of fieldsOf(message)) {
		switch (number) {
			case 1:
				vertex = text(value);
				break;
			case 2:
				at = timestamp(value) ?? now;
				break;
			case 3:
				stream = value === 2 ? 'error' : 'out';
				break;
			case 4:
				data = typeof value === 'number' ? data : value;
				break;
			default:
		}
	}
	return { kind: 'log', vertex, stream, data, at };
}

function warningOf(message: Uint8Array): BuildWarning {
	const detail: string[] = [];
	const lines: number[] = [];
	let vertex = '';
	let short = '';
	let url: string | undefined;
	for (const { number, value } of fieldsOf(message)) {
		switch (number) {
			case 1:
				vertex = text(value);
				break;
			case 3:
				short = text(value);
				break;
			case 4:
				detail.push(text(value));
				break;
			case 5:
				url = text(value) || undefined;
				break;
			case 7:
				lines.push(...linesOf(value));
				break;
			default:
		}
	}
	return {
		kind: 'warning', vertex, message: short, detail, url,
		startLine: lines.length > 0 ? lines.reduce((a, b) => Math.min(a, b)) : undefined,
		endLine: lines.length > 0 ? lines.reduce((a, b) => Math.max(a, b)) : undefined,
	};
}

/** The lines of a `Range`: field 1 is its start, field 2 its end, each a `Position` whose field 1 is the line. */
function linesOf(range: number | Uint8Array): readonly number[] {
	const lines: number[] = [];
	for (const position of messageFields(range)) {
		for (const { number, value } of messageFields(position.value)) {
			if (number === 1 && typeof value === 'number' && value > 0) {
				lines.push(value);
			}
		}
	}
	return lines;
}

function groupOf(value: number | Uint8Array): string | undefined {
	for (const field of messageFields(value)) {
		if (field.number === 1) {
			return text(field.value) || undefined;
		}
	}
	return undefined;
}

/** Milliseconds since the epoch; undefined for Go's zero time and anything else before 1970. */
function timestamp(value: number | Uint8Array): number | undefined {
	let seconds = 0;
	let nanoseconds = 0;
	for (const field of messageFields(value)) {
		if (field.number === 1) {
			seconds = integer(field.value);
		} else if (field.number === 2) {
			nanoseconds = integer(field.value);
		}
	}
	return seconds > 0 ? seconds * 1000 + nanoseconds / 1e6 : undefined;
}

function messageFields(value: number | Uint8Array): ReturnType<typeof fieldsOf> {
	return fieldsOf(typeof value === 'number' ? new Uint8Array() : value);
}

function integer(value: number | Uint8Array): number {
	return typeof value === 'number' ? value : 0;
}

function text(value: number | Uint8Array): string {
	return typeof value === 'number' ? '' : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}
