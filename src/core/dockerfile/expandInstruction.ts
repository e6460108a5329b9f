import type { ExpandError, ExpandOptions, Lookup } from './expand';
import { expand } from './expand';
import { heredocStart } from './heredoc';
import { flagKind, isKeyword } from './keyword';
import type { Instruction } from './model';
import type { NameValue } from './nameValue';
import { nameValues } from './nameValue';
import type { Variables } from './scope';
import { splitBySpace } from './space';

export interface ExpandedInstruction {
	readonly text: string;
	readonly words: readonly string[];
	readonly flags: Readonly<Record<string, readonly string[]>>;
	readonly heredocs: readonly string[];
	/** The variables that an ENV gives values to. */
	readonly sets: Variables;
	readonly unset: readonly string[];
	readonly errors: readonly ExpandError[];
}

/** Flags whose values take variables (BuildKit instructions/commands.go, Expand); RUN's mounts are expanded in `readMount`. */
const expandedFlags: Readonly<Record<string, readonly string[]>> = {
	ADD: ['chown', 'chmod', 'checksum'],
	COPY: ['chown', 'chmod'],
	FROM: ['platform'],
};

interface Known {
	readonly escape: '\\' | '`';
	/** The variables that were asked for, with what they were. */
	readonly asked: readonly (readonly [name: string, value: string | undefined])[];
	readonly expanded: ExpandedInstruction;
}

/** By an instruction's text: at a key press nearly all of them say what they said before, with the same values. */
const known = new Map<string, Known[]>();
const mostKnown = { texts: 5000, ofText: 4 };

/** Expands what the frontend expands in an instruction of this keyword, with the variables before it. ARG is `resolveArg`'s. */
export function expandInstruction(instruction: Instruction, lookup: Lookup, escape: '\\' | '`'): ExpandedInstruction {
	if (instruction.heredocs.length > 0) {
		return expandAnew(instruction, lookup, escape);
	}
	const others = known.get(instruction.text) ?? [];
	const same = others.find(one => one.escape === escape && one.asked.every(([name, value]) => lookup(name) === value));
	if (same !== undefined) {
		return same.expanded;
	}
	const asked = new Map<string, string | undefined>();
	const expanded = expandAnew(instruction, name => {
		const value = lookup(name);
		asked.set(name, value);
		return value;
	}, escape);
	if (known.size >= mostKnown.texts) {
		known.clear();
	}
	known.set(instruction.text, [{ escape, asked: [...asked], expanded }, ...others.slice(0, mostKnown.ofText - 1)]);
	return expanded;
}

function expandAnew(instruction: Instruction, lookup: Lookup, escape: '\\' | '`'): ExpandedInstruction {
	const { keyword, args, json } = instruction;
	const unset = new Set<string>();
	const errors: ExpandError[] = [];
	const expanded = (word: string, options: ExpandOptions = { escape }): ReturnType<typeof expand> => {
		const result = expand(word, lookup, options);
		result.unset.forEach(name => unset.add(name));
		if (result.error !== undefined) {
			errors.push(result.error);
		}
		return result;
	};
	const flags = expandFlags(instruction, word => expanded(word).text);
	const written = instruction.heredocs.map(({ content }) => content);
	const done = (text: string, words: readonly string[], sets: Variables = nothing, heredocs = written): ExpandedInstruction =>
		({ text, words, flags, heredocs, sets, unset: [...unset], errors });
	const prefix = [keyword, ...Object.entries(flags).flatMap(([name, values]) => values.map(value => `--${name}=${value}`))].join(' ');
	const inWords = (words: readonly string[], heredocs?: string[]): ExpandedInstruction =>
		done(`${prefix} ${json === undefined ? words.join(' ') : JSON.stringify(words)}`, words, nothing, heredocs);
	switch (keyword) {
		case 'ADD':
		case 'COPY': {
			const words = (json ?? splitBySpace(args)).map(word => heredocStart(word) === undefined ? expanded(word).text : word);
			const contents = instruction.heredocs.map(({ content, expand: takesVariables }) => takesVariables
				? expanded(content, { escape: '\\', ignoreQuotes: true }).text : content);
			return inWords(words, contents);
		}
		case 'VOLUME':
			return inWords((json ?? splitBySpace(args)).map(word => expanded(word).text));
		case 'EXPOSE':
			return inWords(splitBySpace(args).flatMap(word => expanded(word).words));
		case 'FROM':
			return inWords(splitBySpace(args).map((word, index) => index === 0 ? expanded(word).text : word));
		case 'STOPSIGNAL':
		case 'USER':
		case 'WORKDIR':
			return inWords(args === '' ? [] : [expanded(args).text]);
		case 'ENV':
		case 'LABEL': {
			const pairs = nameValues(args, escape).map(({ name, value }) => ({
				name: expanded(name).text,
				value: value === undefined ? undefined : expanded(value).text,
			}));
			const shown = pairs.map(({ name, value }) => value === undefined ? name : `${name}=${value}`);
			return done([prefix, ...shown].join(' '), [], keyword === 'ENV' ? valuesOf(pairs) : nothing);
		}
		default:
			return done(instruction.text, []);
	}
}

const nothing: Variables = {};

const valuesOf = (pairs: readonly NameValue[]): Variables =>
	Object.fromEntries(pairs.flatMap(({ name, value }) => value === undefined ? [] : [[name, value]]));

function expandFlags(instruction: Instruction, expanded: (word: string) => string): Readonly<Record<string, readonly string[]>> {
	const flags = new Map<string, string[]>();
	for (const { name, value } of instruction.flags) {
		const isSwitch = isKeyword(instruction.keyword) && flagKind(instruction.keyword, name) === 'switch';
		const takesVariables = expandedFlags[instruction.keyword]?.includes(name) ?? false;
		const values = flags.get(name) ?? [];
		values.push(value === undefined ? (isSwitch ? 'true' : '') : takesVariables ? expanded(value) : value);
		flags.set(name, values);
	}
	return Object.fromEntries(flags);
}
