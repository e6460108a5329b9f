import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { plainText } from '../core/base/terminalText';
import { ContextError } from '../core/build/contextError';
import { SecretError } from '../core/build/secretSource';
import { isEngineError, type EngineErrorReason } from '../core/engine/engineError';
import { ArchiveError } from '../core/layers/archiveError';
import { resolveEndpoint } from '../core/engine/endpoint';
import { createBuildServices } from '../services/buildServices';
import { EngineConnection } from '../services/engineConnection';
import { ExploredImages } from '../services/exploredImages';
import { createLayerReader } from '../services/layerReader';
import { layerThread } from '../services/layerThread';
import { LayerStore } from '../services/layerStore';
import { openEngine } from '../services/openEngine';
import { thisMachine } from '../services/thisMachine';
import { describeArchiveError } from '../words/archiveError';
import { describeContextError, describeSecretError } from '../words/build';
import { describeEngineError } from '../words/engine';
import { english } from '../words/translate';
import { analyzeCommand } from './analyzeCommand';
import { buildCommand } from './buildCommand';
import { catCommand } from './catCommand';
import { checkCommand } from './checkCommand';
import { UsageError, type Arguments, type Command, type CommandOptions, type CommandResult, type CommandServices } from './command';
import { commitCommand } from './commitCommand';
import { compareCommand } from './compareCommand';
import { filesCommand } from './filesCommand';
import { forecastCommand } from './forecastCommand';
import { historyCommand } from './historyCommand';
import { linesCommand } from './linesCommand';
import { readingProgress } from './readingProgress';

/** The verbs, by name. */
const commands: Readonly<Record<string, Command>> = {
	build: buildCommand,
	forecast: forecastCommand,
	lines: linesCommand,
	history: historyCommand,
	commit: commitCommand,
	analyze: analyzeCommand,
	files: filesCommand,
	cat: catCommand,
	compare: compareCommand,
	check: checkCommand,
};

/** 0 fine, 1 the work failed, 2 wrong usage or bad input, 3 no engine reachable. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface CommandLineWorld {
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** For results; resolves when there is room for more. */
	out(text: string | Uint8Array): unknown;
	/** For progress and errors. */
	err(text: string): void;
	/** Whether somebody reads `err` as it comes, on a terminal. */
	readonly hasTerminal: boolean;
	readonly signal: AbortSignal;
}

const common: CommandOptions = { engine: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };

/** Runs one command line, `argv` without program and script. */
export async function runCommandLine(argv: readonly string[], world: CommandLineWorld): Promise<ExitCode> {
	const [verb, ...rest] = argv;
	const command = verb !== undefined && Object.hasOwn(commands, verb) ? commands[verb] : undefined;
	if (command === undefined) {
		const isHelp = verb === '--help' || verb === '-h' || verb === 'help';
		await (isHelp ? world.out : world.err)(overview());
		return isHelp ? 0 : 2;
	}
	let given: Arguments;
	try {
		given = parseArgs({ args: rest, options: { ...common, ...command.options }, allowPositionals: true, strict: true }) as Arguments;
	} catch (error) {
		return complain(world, `${error instanceof Error ? error.message : String(error)}\n${usageOf(command)}`, 2);
	}
	if (given.values['help'] === true) {
		await world.out(helpOf(command));
		return 0;
	}
	const services = servicesFor(command, given, world);
	try {
		const result = await command.run(given, { services, cwd: world.cwd, env: world.env, signal: world.signal, progress: text => { world.err(progressText(text, world)); } });
		await write(result, given, world);
		return result.failure === undefined ? 0 : complain(world, result.failure.message, result.failure.isBadInput ? 2 : 1);
	} catch (error) {
		return world.signal.aborted ? complain(world, 'Cancelled.', 1) : explain(world, command, error);
	} finally {
		services.dispose();
		services.connection.dispose();
	}
}

async function write(result: CommandResult, given: Arguments, world: CommandLineWorld): Promise<void> {
	if (result.bytes === undefined) {
		await world.out(given.values['json'] === true ? `${JSON.stringify(result.json, undefined, '\t')}\n` : `${result.text}\n`);
		return;
	}
	for await (const bytes of result.bytes) {
		await world.out(bytes);
	}
}

function explain(world: CommandLineWorld, command: Command, error: unknown): ExitCode {
	if (error instanceof UsageError) {
		return complain(world, `${error.message}\n${usageOf(command)}`, 2);
	}
	if (error instanceof ContextError) {
		return complain(world, describeContextError(error.kind, error.path, english), 2);
	}
	if (error instanceof SecretError) {
		return complain(world, describeSecretError(error, english), 2);
	}
	if (error instanceof ArchiveError) {
		return complain(world, describeArchiveError(error, english), 2);
	}
	if (isEngineError(error)) {
		return complain(world, describeEngineError(error, english).message, isNoEngine(error.reason) ? 3 : 1);
	}
	return complain(world, error instanceof Error ? error.stack ?? error.message : String(error), 1);
}

function isNoEngine(reason: EngineErrorReason): boolean {
	return ['noEngine', 'unreachable', 'denied', 'tls', 'tooOld', 'unknownContext'].includes(reason);
}

function complain<Code extends ExitCode>(world: CommandLineWorld, message: string, code: Code): Code {
	world.err(`${plainText(message)}\n`);
	return code;
}

/** Colours are for terminals. */
function progressText(text: string, { hasTerminal }: CommandLineWorld): string {
	return hasTerminal ? text : plainText(text);
}

function servicesFor({ readsOneFile = false }: Command, given: Arguments, world: CommandLineWorld): CommandServices {
	const engine = given.values['engine'];
	const log = (message: string): void => { world.err(`${plainText(message)}\n`); };
	const folder = storageFolder(world.env);
	const connection = new EngineConnection({ resolve: () => resolveEndpoint(thisMachine(typeof engine === 'string' ? engine : '')), open: openEngine });
	const layers = new LayerStore({ folder: join(folder, 'layers'), readStream: layerThread(join(__dirname, 'layers.js'), log), log });
	return {
		connection,
		explored: new ExploredImages(createLayerReader(layers, async () => (await connection.demand()).engine, { verified: !readsOneFile }), readingProgress(world)),
		...createBuildServices({ connection, storageFolder: folder, mostRecords: 50, log }),
	};
}

/** Where records of builds are kept between calls: STRATA_HOME, else the user's folder for such data. */
function storageFolder(env: CommandLineWorld['env']): string {
	const { STRATA_HOME: own, XDG_DATA_HOME: xdg, LOCALAPPDATA: windows } = env;
	if (own) {
		return own;
	}
	switch (process.platform) {
		case 'win32': return join(windows || join(homedir(), 'AppData', 'Local'), 'strata');
		case 'darwin': return join(homedir(), 'Library', 'Application Support', 'strata');
		default: return join(xdg || join(homedir(), '.local', 'share'), 'strata');
	}
}

function overview(): string {
	const verbs = Object.values(commands).map(({ usage, summary }) => `  strata ${usage}\n      ${summary}\n`).join('');
	return `What every line of a Dockerfile costs.\n\n${verbs}\nEvery verb takes --engine URL, --json and --help.\n`;
}

function usageOf({ usage }: Command): string {
	return `Usage: strata ${usage} [--engine URL] [--json]`;
}

function helpOf(command: Command): string {
	const options = Object.entries({ ...command.options, ...common }).map(([name, { short, type }]) => {
		const names = `${short === undefined ? '    ' : `-${short}, `}--${name}${type === 'string' ? ' …' : ''}`;
		const help = command.help[name] ?? { engine: 'where the engine is: a URL or a Docker context', json: 'one JSON document on standard output', help: 'this text' }[name];
		return `  ${names.padEnd(24)}${help ?? ''}\n`;
	}).join('');
	return `${usageOf(command)}\n\n${command.summary}.\n\n${options}`;
}
