/** `os/architecture[/variant]` as the query `platform` of an image's calls wants it (Engine API 1.48: JSON of an OCI platform). */
export function platformQuery(platform: string): string {
	const [os, architecture, variant] = platform.split('/');
	return JSON.stringify({ os, architecture, variant });
}
