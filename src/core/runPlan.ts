import type { PortMapping } from './engine/containerCalls';

export type RunProblem = 'port' | 'volume' | 'variable' | 'quote' | 'name';

/** A text as it was meant, or what is wrong with it and where. */
export type Read<T> = { readonly value: T } | { readonly problem: RunProblem; readonly subject: string };

/** Words as a POSIX shell splits them: quotes and backslashes; nothing is expanded. */
export function readWords(text: string): Read<readonly string[]> {
	const words: string[] = [];
	let word: string | undefined;
	let quote = '';
	for (let at = 0; at < text.length; at++) {
		const character = text[at]!;
		if (quote === '' && /\s/.test(character)) {
			if (word !== undefined) {
				words.push(word);
			}
			word = undefined;
		} else if (character === quote) {
			quote = '';
		} else if (quote === '' && (character === '\'' || character === '"')) {
			quote = character;
			word ??= '';
		} else if (character === '\\' && quote !== '\'' && (quote === '' || /["\\$`]/.test(text[at + 1] ?? ''))) {
			word = (word ?? '') + (text[++at] ?? '');
		} else {
			word = (word ?? '') + character;
		}
	}
	return quote !== '' ? { problem: 'quote', subject: quote } : { value: word === undefined ? words : [...words, word] };
}

/** Words as they have to be written so that `readWords` gives them back. */
export function writeWords(words: readonly string[]): string {
	return words.map(word => /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`).join(' ');
}

/** `8080:80`, `80`, `127.0.0.1:8080:80/udp`, … as `docker run -p` takes them; no ranges. */
export function readPorts(text: string): Read<readonly PortMapping[]> {
	return readAll(text.split(/[\s,]+/), (item): Read<PortMapping> => {
		const [, hostAddress = '', hostPort = '', port = '', protocol = 'tcp'] = /^(?:(?:([\d.]+|\[[\da-fA-F:]+\]):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/.exec(item) ?? [];
		const isPort = (one: string): boolean => Number(one) >= 1 && Number(one) <= 65_535;
		return isPort(port) && (hostPort === '' || isPort(hostPort))
			? { value: { port: `${port}/${protocol}`, hostPort, hostAddress: hostAddress.replace(/^\[|\]$/g, '') } }
			: { problem: 'port', subject: item };
	});
}

/** `/host/folder:/in/container[:ro]`, `volume:/in/container`; by `;`, since a path may have spaces. */
export function readVolumes(text: string): Read<readonly string[]> {
	return readAll(text.split(';'), (item): Read<string> =>
		/^(?:[A-Za-z]:[\\/][^:]*|[^:]+):\/[^:]*(?::[\w,]+)?$/.test(item) ? { value: item } : { problem: 'volume', subject: item });
}

/** `A=1 B="two words"`. */
export function readVariables(text: string): Read<Readonly<Record<string, string>>> {
	const words = readWords(text);
	if (!('value' in words)) {
		return words;
	}
	const bad = words.value.find(word => !/^[^=\s]+=/.test(word));
	return bad !== undefined ? { problem: 'variable', subject: bad }
		: { value: Object.fromEntries(words.value.map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])) };
}

/** A container's name (moby, `RestrictedNamePattern`); empty: the engine finds one. */
export function readContainerName(text: string): Read<string | undefined> {
	return text === '' ? { value: undefined } : /^[a-zA-Z0-9][\w.-]+$/.test(text) ? { value: text } : { problem: 'name', subject: text };
}

/** Whether a command waits for somebody who types: a shell or an interpreter alone. */
export function isInteractive(command: readonly string[]): boolean {
	const program = /[^/]*$/.exec(command[0] ?? '')?.[0] ?? '';
	return command.length === 1 && /^(?:(?:ba|da|a|z|k|c|tc|fi)?sh|python[\d.]*|node|irb|psql|mysql|redis-cli|jshell|iex|ghci)$/.test(program);
}

/** The better one of the shells that a container has; without the first word there is none. */
export const bestShell = ['/bin/sh', '-c', '[ -x /bin/bash ] && exec /bin/bash; exec /bin/sh'] as const;

function readAll<T>(items: readonly string[], read: (item: string) => Read<T>): Read<readonly T[]> {
	const values: T[] = [];
	for (const item of items.map(one => one.trim()).filter(one => one !== '')) {
		const one = read(item);
		if (!('value' in one)) {
			return one;
		}
		values.push(one.value);
	}
	return { value: values };
}
