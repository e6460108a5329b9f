import type { Range } from '../../../src/core/base/range';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import type { ResolvedDockerfile, ResolveOptions } from '../../../src/core/dockerfile/resolved';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import type { DockerfileProblem, Instruction } from '../../../src/core/dockerfile/model';

/** Rows as the text of a file. */
export function lines(...rows: readonly string[]): string {
	return rows.map(row => `${row}\n`).join('');
}

/** A model, one line per instruction: `first-last stage | text | flags, JSON form, heredocs, trigger`. */
export function drawn(text: string): readonly string[] {
	const { instructions, problems } = parseDockerfile(text);
	return [...instructions.map(drawnInstruction), ...problems.map(drawnProblem)];
}

function drawnInstruction(instruction: Instruction): string {
	const { line, endLine, stage, text, flags, json, heredocs, trigger } = instruction;
	const where = line === endLine ? `${line}` : `${line}-${endLine}`;
	const details = [
		...flags.map(({ name, value }) => `--${name}${value === undefined ? '' : ` = ${value}`}`),
		...json === undefined ? [] : [`json ${JSON.stringify(json)}`],
		...heredocs.map(({ name, expand, chomp, content }) =>
			`heredoc ${chomp ? '-' : ''}${name}${expand ? '' : ' quoted'} ${JSON.stringify(content)}`),
		...trigger === undefined ? [] : [`trigger ${trigger.keyword}(${trigger.args})`],
	];
	return [`${where} ${stage === undefined ? '-' : `#${stage}`}`, text, ...details.length === 0 ? [] : [details.join(', ')]].join(' | ');
}

export function drawnProblem({ kind, subject }: DockerfileProblem): string {
	return `! ${kind} ${subject}`.trim();
}

/** What a range covers, lines joined with a line feed. */
export function textAt(text: string, { start, end }: Range): string {
	const rows = text.split('\n').slice(start.line, end.line + 1);
	return rows.map((row, index) =>
		row.slice(index === 0 ? start.character : 0, index === rows.length - 1 ? end.character : undefined)).join('\n');
}

export function resolved(text: string, options: ResolveOptions = {}): ResolvedDockerfile {
	return resolveDockerfile(parseDockerfile(text), options);
}

/** The expanded text of every instruction. */
export function texts(text: string, options: ResolveOptions = {}): readonly string[] {
	return resolved(text, options).instructions.map(instruction => instruction.text);
}
