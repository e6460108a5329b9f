import type { ParseArgsConfig } from 'node:util';
import type { BuildServices } from '../services/buildServices';
import type { EngineConnection } from '../services/engineConnection';
import type { ExploredImages } from '../services/exploredImages';

export type CommandOptions = NonNullable<ParseArgsConfig['options']>;

/** One verb of the command line. */
export interface Command {
	/** The line after `strata`, e.g. `history REF`. */
	readonly usage: string;
	readonly summary: string;
	readonly options: CommandOptions;
	/** What each option means, for the help. */
	readonly help: Readonly<Record<string, string>>;
	/** Says nothing of layers themselves: a file is read out of an archive that need not be read, and verified, as a whole. */
	readonly readsOneFile?: boolean;
	run(given: Arguments, world: CommandWorld): Promise<CommandResult>;
}

export interface Arguments {
	readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
	readonly positionals: readonly string[];
}

export interface CommandServices extends BuildServices {
	readonly connection: EngineConnection;
	readonly explored: ExploredImages;
}

export interface CommandWorld {
	readonly services: CommandServices;
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Progress, for a person who waits. */
	progress(text: string): void;
	readonly signal: AbortSignal;
}

export interface CommandResult {
	/** The document of `--json`: what is not known is null. */
	readonly json: unknown;
	/** The same for a person. */
	readonly text: string;
	/** Written as they are, instead of both. */
	readonly bytes?: AsyncIterable<Uint8Array>;
	/** Why it did not work; then the exit code is 1, or 2 where what was asked for cannot be. */
	readonly failure?: { readonly message: string; readonly isBadInput: boolean } | undefined;
}

/** What was asked for cannot be understood. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

export function text(given: Arguments, name: string): string | undefined {
	const value = given.values[name];
	return typeof value === 'string' ? value : undefined;
}

export function texts(given: Arguments, name: string): readonly string[] {
	const value = given.values[name];
	return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

export function flag(given: Arguments, name: string): boolean {
	return given.values[name] === true;
}

/** One of the words, or undefined where none is given. */
export function choice<T extends string>(given: Arguments, name: string, words: readonly T[]): T | undefined {
	const value = text(given, name);
	const found = words.find(word => word === value);
	if (value !== undefined && found === undefined) {
		throw new UsageError(`--${name} takes one of: ${words.join(', ')}`);
	}
	return found;
}

/** `K=V` pairs; `K` alone takes its value from the environment, and is left out where that has none (as the docker CLI). */
export function pairs(given: Arguments, name: string, env: CommandWorld['env']): Readonly<Record<string, string>> {
	const found: Record<string, string> = {};
	for (const written of texts(given, name)) {
		const equals = written.indexOf('=');
		const key = equals < 0 ? written : written.slice(0, equals);
		const value = equals < 0 ? env[key] : written.slice(equals + 1);
		if (key === '') {
			throw new UsageError(`--${name} takes NAME=VALUE, not ${written}`);
		}
		if (value !== undefined) {
			found[key] = value;
		}
	}
	return found;
}

/** Exactly these positional arguments; `name?` may be left out. */
export function positionals(given: Arguments, ...names: readonly string[]): readonly (string | undefined)[] {
	const needed = names.filter(name => !name.endsWith('?')).length;
	if (given.positionals.length < needed) {
		throw new UsageError(`${names[given.positionals.length] ?? ''} is missing`);
	}
	if (given.positionals.length > names.length) {
		throw new UsageError(`unexpected: ${given.positionals[names.length] ?? ''}`);
	}
	return names.map((_, at) => given.positionals[at]);
}
