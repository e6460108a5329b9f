import type { Position } from '../base/range';
import { isSpace, trimStart } from './space';

/** One line of the file, its end of line cut off. The frontend ends lines at a line feed only; a lone \r is a character. */
export interface PhysicalLine {
	readonly text: string;
	/** The line with its own end, as heredoc bodies keep it. */
	readonly raw: string;
}

/** An instruction's lines joined: continuations without their escape character, comment and blank lines dropped. */
export interface LogicalLine {
	readonly text: string;
	/** Where each joined part comes from, ordered by `offset`. */
	readonly parts: readonly { readonly offset: number; readonly position: Position }[];
	/** 0-based; `next` is the first line that is not part of it. */
	readonly first: number;
	readonly next: number;
}

/** `before`: lines of an earlier text, which are taken over at the start and at the end as far as they are the same. */
export function physicalLines(text: string, before: readonly PhysicalLine[] = []): readonly PhysicalLine[] {
	let [head, start] = [0, 0];
	for (; head < before.length && isLineAt(text, start, before[head]!.raw); head++) {
		start += before[head]!.raw.length;
	}
	let [tail, end] = [before.length, text.length];
	for (let at = end; tail > head; end = at) {
		at -= before[tail - 1]!.raw.length;
		if (at < start || (at > 0 && text[at - 1] !== '\n') || !isLineAt(text, at, before[tail - 1]!.raw)) {
			break;
		}
		tail--;
	}
	const lines = before.slice(0, head);
	while (start < end) {
		const feed = text.indexOf('\n', start);
		const next = feed < 0 ? text.length : feed + 1;
		const raw = text.slice(start, next);
		lines.push({ raw, text: withoutLineEnd(raw) });
		start = next;
	}
	for (; tail < before.length; tail++) {
		lines.push(before[tail]!);
	}
	return lines;
}

function isLineAt(text: string, at: number, raw: string): boolean {
	return text.startsWith(raw, at) && (raw.endsWith('\n') || at + raw.length === text.length);
}

function withoutLineEnd(raw: string): string {
	let end = raw.length;
	while (end > 0 && (raw[end - 1] === '\n' || raw[end - 1] === '\r')) {
		end--;
	}
	return raw.slice(0, end);
}

export function isComment(line: string): boolean {
	return trimStart(line).startsWith('#');
}

/** The first line's column where its text begins: after white space, and after a byte order mark on the file's first line. */
function indent(line: string, index: number): number {
	let column = index === 0 && line.startsWith('\uFEFF') ? 1 : 0;
	while (column < line.length && isSpace(line[column]!)) {
		column++;
	}
	return column;
}

/** The logical line that begins at `first`, or undefined where that line is blank or a comment. */
export function logicalLine(lines: readonly PhysicalLine[], first: number, escape: string): LogicalLine | undefined {
	const begin = indent(lines[first]!.text, first);
	const opening = lines[first]!.text.slice(begin);
	if (opening === '' || opening.startsWith('#')) {
		return undefined;
	}
	let { text, continues } = withoutContinuation(opening, escape);
	const parts = [{ offset: 0, position: { line: first, character: begin } }];
	let next = first + 1;
	const texts = [text];
	let length = text.length;
	for (; continues && next < lines.length; next++) {
		const line = lines[next]!.text;
		if (isComment(line) || trimStart(line) === '') {
			continue;
		}
		({ text, continues } = withoutContinuation(line, escape));
		parts.push({ offset: length, position: { line: next, character: 0 } });
		texts.push(text);
		length += text.length;
	}
	return { text: texts.join(''), parts, first, next };
}

/** The escape character at the end of a line continues it, unless the escape character stands before it. */
function withoutContinuation(line: string, escape: string): { text: string; continues: boolean } {
	let end = line.length;
	while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) {
		end--;
	}
	const continues = end > 0 && line[end - 1] === escape && line[end - 2] !== escape;
	return { text: continues ? line.slice(0, end - 1) : line, continues };
}

/** Where an offset of the joined text stands in the file. An `end` at a seam belongs to the part before it. */
export function positionAt(line: LogicalLine, offset: number, end: boolean): Position {
	let low = 0;
	let high = line.parts.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		const { offset: begin } = line.parts[middle]!;
		if (end ? begin < offset : begin <= offset) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	const part = line.parts[low]!;
	return { line: part.position.line, character: part.position.character + offset - part.offset };
}
