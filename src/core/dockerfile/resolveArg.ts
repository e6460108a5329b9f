import type { ExpandError } from './expand';
import { expand } from './expand';
import type { Instruction } from './model';
import { argNames } from './nameValue';
import type { Builder, Variables } from './scope';
import { lookupIn, own } from './scope';
import type { VariableSet } from './variableSet';

/** Where the values of ARG come from. */
export interface ArgSources {
	readonly builder: Builder;
	readonly escape: '\\' | '`';
	readonly buildArgs: Variables | undefined;
	/** What an ARG without a default takes over: in a stage the ARGs before the first FROM. */
	readonly inherited: VariableSet;
}

export interface ResolvedArg {
	/** The instruction with its defaults expanded; values of the build's arguments are not shown. */
	readonly text: string;
	readonly values: Variables;
	readonly unset: readonly string[];
	readonly errors: readonly ExpandError[];
}

/**
 * The values an ARG instruction gives: the build's argument, else its default, else the inherited one. BuildKit expands
 * a default with the values of the names before it in the same instruction, the classic builder without them.
 */
export function resolveArg(instruction: Instruction, before: VariableSet, sources: ArgSources): ResolvedArg {
	const values: Record<string, string> = {};
	const unset = new Set<string>();
	const errors: ExpandError[] = [];
	const shown: string[] = [];
	for (const { name, value } of argNames(instruction.args, sources.escape)) {
		const outer = lookupIn(before);
		const lookup = sources.builder === 'buildkit' ? (asked: string): string | undefined => own(values, asked) ?? outer(asked) : outer;
		const fallback = value === undefined ? undefined : expand(value, lookup, { escape: sources.escape });
		fallback?.unset.forEach(missing => unset.add(missing));
		errors.push(...fallback?.error === undefined ? [] : [fallback.error]);
		shown.push(fallback === undefined ? name : `${name}=${fallback.text}`);
		const given = own(sources.buildArgs, name) ?? fallback?.text ?? sources.inherited.get(name);
		if (given !== undefined) {
			values[name] = given;
		}
	}
	return { text: ['ARG', ...shown].join(' '), values, unset: [...unset], errors };
}
