import { isDigest, type Digest } from './digest';

/**
 * A reference to an image: `[domain/]path[:tag][@digest]` (distribution/reference, reference.go). Always canonical:
 * the domain is said and an official image has its `library/`.
 */
export interface ImageReference {
	readonly domain: string;
	readonly path: string;
	readonly tag: string | undefined;
	readonly digest: Digest | undefined;
}

const defaultDomain = 'docker.io';
const officialPrefix = 'library/';

const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = new RegExp(`^(?:${domainComponent}(?:\\.${domainComponent})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?$`);
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/** Reads what a person writes: `ubuntu`, `ubuntu:24.04`, `localhost:5000/a/b@sha256:…`. Undefined where it is no reference. */
export function parseReference(text: string): ImageReference | undefined {
	const [, beforeDigest = '', digest] = /^([^@]*)(?:@(.*))?$/s.exec(text) ?? [];
	const [, name = '', tag] = /^(.*?)(?::([^/:]*))?$/s.exec(beforeDigest) ?? [];
	const { domain, path } = splitName(name);
	const sound = domainPattern.test(domain) && pathPattern.test(path) && domain.length + 1 + path.length <= 255
		&& (tag === undefined || tagPattern.test(tag)) && (digest === undefined || isDigest(digest))
		// 64 hexadecimal digits are an image id, which no name may look like.
		&& !/^[0-9a-f]{64}$/.test(name);
	return sound ? { domain, path, tag, digest: digest as Digest | undefined } : undefined;
}

/** As people write it: without `docker.io/` and `library/`. */
export function familiarName(reference: ImageReference): string {
	const { domain, path } = reference;
	if (domain !== defaultDomain) {
		return `${domain}/${path}`;
	}
	return path.startsWith(officialPrefix) && !path.slice(officialPrefix.length).includes('/') ? path.slice(officialPrefix.length) : path;
}

/** The repository in full: `docker.io/library/ubuntu`. */
export function canonicalName(reference: ImageReference): string {
	return `${reference.domain}/${reference.path}`;
}

/** `ubuntu:24.04`; a reference with neither tag nor digest is its repository alone. */
export function formatFamiliar(reference: ImageReference): string {
	return `${familiarName(reference)}${suffix(reference)}`;
}

/** `docker.io/library/ubuntu:24.04`. */
export function formatCanonical(reference: ImageReference): string {
	return `${canonicalName(reference)}${suffix(reference)}`;
}

/** What an engine takes it for: `latest` where neither tag nor digest is said. */
export function withDefaultTag(reference: ImageReference): ImageReference {
	return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;
}

/** True where two texts name the same image, however they are written. */
export function sameReference(left: string, right: string): boolean {
	const [a, b] = [parseReference(left), parseReference(right)];
	return left === right || (a !== undefined && b !== undefined && formatCanonical(withDefaultTag(a)) === formatCanonical(withDefaultTag(b)));
}

/** The first part is a domain where it has a dot or a port, is `localhost`, or has capitals (normalize.go). */
function splitName(name: string): { readonly domain: string; readonly path: string } {
	const slash = name.indexOf('/');
	const first = name.slice(0, slash);
	if (slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)) {
		const domain = first === 'index.docker.io' ? defaultDomain : first;
		const path = name.slice(slash + 1);
		return { domain, path: domain === defaultDomain && !path.includes('/') ? officialPrefix + path : path };
	}
	return { domain: defaultDomain, path: slash < 0 ? officialPrefix + name : name };
}

function suffix({ tag, digest }: ImageReference): string {
	return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
