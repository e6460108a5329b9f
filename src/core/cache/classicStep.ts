import { posix } from 'node:path';
import type { ResolvedInstruction } from '../dockerfile/resolved';
import { resolveWorkdir } from '../dockerfile/scope';
import { copyParts } from './copyParts';
import type { StepInputs } from './instructionInputs';
import { contentSource, plainStep, shownText, takeFiles, variablesUsed, type InputsWork } from './stepRequest';

/**
 * The step of the classic builder: every instruction but FROM makes an image, and an image of the same parent with the
 * same command is reused (builder/dockerfile/{dispatchers,internals,copy}.go). Environment, user and shell count through
 * the chain of parents.
 */
export function classicStep(work: InputsWork, resolved: ResolvedInstruction): StepInputs | undefined {
	const { keyword } = resolved.instruction;
	if (keyword === 'FROM' || resolved.instruction.stage === undefined) {
		return undefined;
	}
	if (keyword === 'COPY' || keyword === 'ADD') {
		return copyStep(work, resolved);
	}
	if (keyword === 'RUN') {
		return runStep(work, resolved);
	}
	return {
		...plainStep,
		...variablesUsed(work, resolved),
		operation: work.redactor.json(commandOf(resolved)),
		text: shownText(work, resolved),
	};
}

/** The command that stands in the image's history, in a form that is equal when that is. */
function commandOf(resolved: ResolvedInstruction): readonly unknown[] {
	const { instruction, words, flags, shell, text } = resolved;
	const { keyword, json, args } = instruction;
	switch (keyword) {
		case 'CMD':
		case 'ENTRYPOINT':
			return [keyword, json ?? [...shell, args]];
		case 'HEALTHCHECK':
			return [keyword, Object.entries(flags).sort(([a], [b]) => a < b ? -1 : 1), args];
		case 'SHELL':
			return [keyword, json ?? args];
		case 'EXPOSE':
			return [keyword, ...[...words].sort()];
		case 'VOLUME':
		case 'USER':
		case 'STOPSIGNAL':
			return [keyword, ...words];
		case 'WORKDIR':
			return [keyword, resolveWorkdir(resolved.workdir, words[0] ?? '')];
		case 'ARG':
		case 'ENV':
		case 'LABEL':
			return [text];
		default:
			return [keyword, args];
	}
}

const proxies = new Set(['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy']);

function runStep(work: InputsWork, resolved: ResolvedInstruction): StepInputs {
	const { instruction, shell, args, env, heredocs } = resolved;
	const { redactor } = work;
	const values = args.all();
	const names = Object.keys(values).filter(name => env.get(name) === undefined).sort();
	// A proxy argument that the file does not declare is hidden from the command, but the command then says `|0`.
	const proxy = names.length > 0
		? undefined : Object.keys(work.buildArgs).find(name => proxies.has(name.toLowerCase()) && env.get(name) === undefined);
	return {
		...plainStep,
		operation: redactor.json(['RUN', instruction.json ?? [...shell, instruction.args], heredocs, proxy !== undefined]),
		text: shownText(work, resolved),
		variables: names.map(name => `${name}=${redactor.value(name, values[name]!)}`),
		fromArg: names,
		...(proxy === undefined ? {} : { uses: { [proxy]: redactor.value(proxy, work.buildArgs[proxy]!) }, usesFromArg: [proxy] }),
	};
}

function copyStep(work: InputsWork, resolved: ResolvedInstruction): StepInputs {
	const { sources, remotes, writtenDestination } = copyParts(resolved);
	const { flags, source: from, instruction } = resolved;
	const isContext = from === undefined || from.kind === 'context';
	return {
		...plainStep,
		...variablesUsed(work, resolved),
		operation: work.redactor.json([instruction.keyword, flags['chown'] ?? [], remotes, writtenDestination]),
		text: shownText(work, resolved),
		files: isContext ? sources.map(source => takeFiles(work, source, { excludes: [], takesPatterns: true })) : undefined,
		sources: isContext ? undefined : sources.map(source => contentSource(work, from, posix.join('/', source))),
		remotes: remotes.length === 0 ? undefined : remotes.map(remote => work.redactor.text(remote)),
	};
}
