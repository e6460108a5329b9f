import { createHash } from 'node:crypto';

/** `algorithm:hex` of some content (OCI descriptor.md, Digests). */
export type Digest = `${'sha256' | 'sha512'}:${string}`;

export function isDigest(text: string): text is Digest {
	return /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text);
}

export function sha256Of(bytes: Uint8Array): Digest {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The first twelve hexadecimal digits, as `docker images` shows them; other texts as they are. */
export function shortDigest(digest: string): string {
	return digest.replace(/^sha(?:256|512):([0-9a-f]{12})[0-9a-f]*$/, '$1');
}

/** The identity of a stack of layers, lowest first (OCI config.md, Layer ChainID). Undefined for no layers. */
export function chainId(diffIds: readonly string[]): string | undefined {
	return chainIds(diffIds).at(-1);
}

/** For each layer, lowest first, the identity of the stack up to it. */
export function chainIds(diffIds: readonly string[]): readonly string[] {
	const chains: string[] = [];
	for (const diffId of diffIds) {
		const below = chains.at(-1);
		chains.push(below === undefined ? diffId : sha256Of(Buffer.from(`${below} ${diffId}`)));
	}
	return chains;
}
