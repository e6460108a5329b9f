import { isKeyword } from '../dockerfile/keyword';

/** Who wrote a history row, as far as its words prove it. */
export type RowBuilder = 'buildkit' | 'classic' | 'podman';

/** A history row's `created by`, read back into the instruction that made it. */
export interface RowInstruction {
	/** Undefined where no builder's form is recognised: a commit, an import, another tool. */
	readonly builder: RowBuilder | undefined;
	/** Undefined where the row does not say which instruction it was; `text` is the engine's then. */
	readonly keyword: string | undefined;
	/** As a Dockerfile would have it, on one line but for heredocs. The sources of a classic COPY are not recorded: `…`. */
	readonly text: string;
	/** What follows the keyword. */
	readonly args: string;
	/** `created by` without the builder's marks, for comparison: of a RUN what ran, without shell or arguments. */
	readonly raw: string;
}

const defaultShell = '/bin/sh -c';
const knownShells = [defaultShell, 'cmd /S /C', 'powershell -Command'];

/** What earlier rows of the image say that a row's words hang on. */
export interface RowState {
	/** The shell in force, joined by spaces as rows have it. */
	readonly shell: string;
	/** `NAME=value` of ARG rows: values may hold spaces, which RUN rows do not quote. */
	readonly args: readonly string[];
}

export const firstRow: RowState = { shell: defaultShell, args: [] };

/**
 * Reads one row; `next` is the state after it. Forms: BuildKit frontend/dockerfile/dockerfile2llb/convert.go
 * (commitToHistory), moby daemon/builder (nop comments).
 */
export function readRowInstruction(createdBy: string, comment: string, state: RowState): RowInstruction & { readonly next: RowState } {
	const suffixed = createdBy.endsWith(' # buildkit');
	const isBuildKit = suffixed || comment.startsWith('buildkit.');
	const words = suffixed ? createdBy.slice(0, -' # buildkit'.length) : createdBy;
	if (isBuildKit) {
		return { ...withKeyword('buildkit', words, state), next: stateAfter(words, state) };
	}
	const nop = /^.*? #\(nop\) +(?=[A-Z])/.exec(words);
	const builder = comment.startsWith('FROM ') ? 'podman' : 'classic';
	if (nop !== null) {
		const rest = words.slice(nop[0].length).trimEnd();
		return { ...withKeyword(builder, rest, state), next: stateAfter(rest, state) };
	}
	const ran = withoutArguments(words, state);
	const shellUsed = shellOf(ran, state.shell);
	if (shellUsed !== undefined) {
		const raw = ran.slice(shellUsed.length + 1);
		return { builder, keyword: 'RUN', text: `RUN ${raw}`, args: raw, raw, next: state };
	}
	return words === ran
		? { builder: undefined, keyword: undefined, text: words, args: '', raw: words, next: state }
		// Only a RUN is given arguments, so one without a shell is the exec form.
		: { builder, keyword: 'RUN', text: `RUN ${ran}`, args: ran, raw: ran, next: state };
}

function withKeyword(builder: RowBuilder, words: string, state: RowState): RowInstruction {
	const space = words.indexOf(' ');
	const keyword = space < 0 ? words : words.slice(0, space);
	const args = space < 0 ? '' : words.slice(space + 1);
	if (!isKeyword(keyword)) {
		return { builder, keyword: undefined, text: words, args: '', raw: words };
	}
	if (keyword === 'RUN') {
		const ran = withoutArguments(args, state);
		const shellUsed = shellOf(ran, state.shell);
		const raw = shellUsed === undefined ? ran : ran.slice(shellUsed.length + 1);
		return { builder, keyword, text: `RUN ${raw.trimEnd()}`, args: raw, raw };
	}
	const written = asWritten(keyword, args, state.shell);
	return { builder, keyword, text: written === '' ? keyword : `${keyword} ${written}`, args: written, raw: args };
}

/** The words without `|2 A=b C=d `: the arguments a RUN was given. */
function withoutArguments(words: string, { shell, args }: RowState): string {
	const count = /^\|(\d+) /.exec(words);
	if (count === null) {
		return words;
	}
	let rest = words.slice(count[0].length);
	for (let left = Number(count[1]); left > 0; left--) {
		const known = args.find(arg => rest.startsWith(`${arg} `));
		const next = known === undefined ? (left > 1 ? /^[^=]*=.*? (?=[A-Za-z_]\w*=)/s : /^[^=]*=.*? (?=\S)/s).exec(rest)?.[0] : `${known} `;
		// Podman counts the words of the values, not the arguments.
		if (next === undefined) {
			break;
		}
		rest = rest.slice(next.length);
	}
	// A value with spaces that no row tells leaves its tail before the shell; the first shell is where the words begin.
	const starts = [shell, ...knownShells].map(one => rest.indexOf(`${one} `)).filter(at => at >= 0);
	return starts.length === 0 ? rest : rest.slice(Math.min(...starts));
}

function shellOf(words: string, shell: string): string | undefined {
	return [shell, ...knownShells].find(known => words.startsWith(`${known} `));
}

function stateAfter(words: string, state: RowState): RowState {
	const shell = /^SHELL \[(.*)\]$/.exec(words)?.[1];
	const arg = /^ARG (\w+=.*)$/s.exec(words)?.[1];
	return { shell: shell ?? state.shell, args: arg === undefined ? state.args : [arg, ...state.args] };
}

/** Arguments that the builders print as Go values, back in the Dockerfile's own form. */
function asWritten(keyword: string, args: string, shell: string): string {
	switch (keyword) {
		case 'COPY':
		case 'ADD':
			return args.replace(/(?:file|dir|multi):[0-9a-f]{64} in /, (_, at: number) => `${at > 0 && args[at - 1] !== ' ' ? ' ' : ''}… `);
		case 'CMD':
		case 'ENTRYPOINT':
			return commandAsWritten(args, shell);
		case 'SHELL':
			return args.startsWith('["') ? args : quotedList(bracketed(args));
		case 'EXPOSE':
			return (bracketed(args) ?? args.split(' ')).map(port => port.replace(/:\{\}$/, '').replace(/\/tcp$/, '')).join(' ');
		case 'VOLUME':
			return (bracketed(args) ?? [args]).join(' ');
		case 'HEALTHCHECK':
			return healthcheckAsWritten(args);
		default:
			return args;
	}
}

/** `["a" "b"]` as Go prints a list of strings; undefined where it is something else. */
export function goStrings(text: string): readonly string[] | undefined {
	if (!/^\[(?:"(?:[^"\\]|\\.)*"(?: (?=")|(?=\])))*\]$/.test(text)) {
		return undefined;
	}
	return [...text.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([quoted]) => {
		try {
			return JSON.parse(quoted) as string;
		} catch {
			// Go's \a, \v and \x are not JSON's.
			return quoted.slice(1, -1);
		}
	});
}

function commandAsWritten(args: string, shell: string): string {
	const strings = goStrings(args);
	if (strings === undefined) {
		return args;
	}
	const script = strings.at(-1);
	return strings.length > 1 && script !== undefined && strings.slice(0, -1).join(' ') === shell ? script : quotedList(strings);
}

function quotedList(strings: readonly string[] | undefined): string {
	return `[${(strings ?? []).map(text => JSON.stringify(text)).join(', ')}]`;
}

/** The words of `[a b]` or `map[a b]`. */
function bracketed(args: string): readonly string[] | undefined {
	return /^(?:map)?\[(.*)\]$/.exec(args)?.[1]?.split(' ').filter(word => word !== '');
}

function healthcheckAsWritten(args: string): string {
	const parts = /^&\{(\[.*?\](?= ["\d]))(.*)\}$/s.exec(args);
	if (parts === null) {
		return args;
	}
	const test = goStrings(parts[1]!) ?? bracketed(parts[1]!)!;
	const [kind, ...command] = test;
	const names = ['interval', 'timeout', 'start-period', 'start-interval'];
	const durations = [...parts[2]!.matchAll(/\d[\w.]*[smh]/g)].map(([duration]) => duration);
	const flags = durations.flatMap((duration, at) => duration === '0s' || names[at] === undefined ? [] : [`--${names[at]}=${duration}`]);
	return kind === 'NONE' ? 'NONE' : [...flags, 'CMD', kind === 'CMD' ? quotedList(command) : command.join(' ')].join(' ');
}
