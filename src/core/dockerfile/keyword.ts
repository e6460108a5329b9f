import type { Keyword } from './model';

/** The flags each instruction takes; `many` may be repeated, `switch` needs no value (BuildKit instructions/parse.go). */
const flagKinds: Readonly<Record<Keyword, Readonly<Record<string, 'one' | 'many' | 'switch'>>>> = {
	ADD: { chown: 'one', chmod: 'one', link: 'switch', 'keep-git-dir': 'switch', checksum: 'one', unpack: 'switch', exclude: 'many' },
	ARG: {},
	CMD: {},
	COPY: { chown: 'one', from: 'one', chmod: 'one', link: 'switch', exclude: 'many', parents: 'switch' },
	ENTRYPOINT: {},
	ENV: {},
	EXPOSE: {},
	FROM: { platform: 'one' },
	HEALTHCHECK: { interval: 'one', timeout: 'one', 'start-period': 'one', 'start-interval': 'one', retries: 'one' },
	LABEL: {},
	MAINTAINER: {},
	ONBUILD: {},
	RUN: { mount: 'many', network: 'one', security: 'one', device: 'many' },
	SHELL: {},
	STOPSIGNAL: {},
	USER: {},
	VOLUME: {},
	WORKDIR: {},
};

export function isKeyword(word: string): word is Keyword {
	return Object.hasOwn(flagKinds, word);
}

/** What a flag of an instruction is, or undefined where the instruction does not know it. */
export function flagKind(keyword: Keyword, flag: string): 'one' | 'many' | 'switch' | undefined {
	return Object.hasOwn(flagKinds[keyword], flag) ? flagKinds[keyword][flag] : undefined;
}

/**
 * What an instruction makes: a layer of files, or config only. WORKDIR makes its directory, except for the root, which
 * is always there.
 */
export function layerKind(keyword: string, workdir?: string): 'layer' | 'metadata' {
	switch (keyword) {
		case 'RUN':
		case 'COPY':
		case 'ADD':
			return 'layer';
		case 'WORKDIR':
			return workdir === '/' ? 'metadata' : 'layer';
		default:
			return 'metadata';
	}
}
