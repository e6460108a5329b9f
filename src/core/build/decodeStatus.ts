import { fieldsIn, fieldsOf, integerOf, textOf, timestampOf } from '../base/protobuf';
import type { BuildEvent, BuildWarning, VertexEvent } from './events';

/**
 * The events in one `StatusResponse` (BuildKit, api/services/control/control.proto; the field numbers have not changed
 * between the engines 20.10 and 28.5). Total: what cannot be read is left out.
 */
export function decodeStatus(response: Uint8Array, now: number): readonly BuildEvent[] {
	const vertices: BuildEvent[] = [];
	const rest: BuildEvent[] = [];
	for (const { number, value } of fieldsOf(response)) {
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
				digest = textOf(value);
				break;
			case 2:
				inputs.push(textOf(value));
				break;
			case 3:
				name = textOf(value);
				break;
			case 4:
				cached = value === 1;
				break;
			case 5:
				startedAt = timestampOf(value);
				break;
			case 6:
				completedAt = timestampOf(value);
				break;
			case 7:
				error = textOf(value) || undefined;
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
				id = textOf(value);
				break;
			case 2:
				vertex = textOf(value);
				break;
			case 3:
				name = textOf(value);
				break;
			case 4:
				current = integerOf(value);
				break;
			case 5:
				total = integerOf(value);
				break;
			case 8:
				completedAt = timestampOf(value);
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
				vertex = textOf(value);
				break;
			case 2:
				at = timestampOf(value) ?? now;
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
				vertex = textOf(value);
				break;
			case 3:
				short = textOf(value);
				break;
			case 4:
				detail.push(textOf(value));
				break;
			case 5:
				url = textOf(value) || undefined;
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
	for (const position of fieldsIn(range)) {
		for (const { number, value } of fieldsIn(position.value)) {
			if (number === 1 && typeof value === 'number' && value > 0) {
				lines.push(value);
			}
		}
	}
	return lines;
}

function groupOf(value: number | Uint8Array): string | undefined {
	for (const field of fieldsIn(value)) {
		if (field.number === 1) {
			return textOf(field.value) || undefined;
		}
	}
	return undefined;
}
