/** `repository:tag`; a colon before a slash belongs to a registry's port. */
export function tagQuery(reference: string): { repo: string; tag: string } {
	const colon = reference.lastIndexOf(':');
	return colon > reference.lastIndexOf('/')
		? { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
		: { repo: reference, tag: 'latest' };
}
