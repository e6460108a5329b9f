import type { Dockerfile, Instruction } from './model';

/**
 * A Dockerfile that ends before one of its instructions: its last stage is the one that the instruction continues.
 * Undefined where it continues none.
 */
export function textBefore({ text, instructions }: Dockerfile, index: number): string | undefined {
	const instruction = instructions[index];
	return instruction === undefined || !continuesStage(instruction) ? undefined
		: text.split('\n').slice(0, instruction.line - 1).map(line => `${line}\n`).join('');
}

/** Not so a FROM, and what stands before the first. */
export function continuesStage({ stage, keyword }: Pick<Instruction, 'stage' | 'keyword'>): boolean {
	return stage !== undefined && keyword !== 'FROM';
}
