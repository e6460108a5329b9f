import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { tarBytesOf, type TarFiles } from './tarOf';

export interface FakeRegistry {
	/** `127.0.0.1:41234`; engines take this machine's own registries without TLS. */
	readonly host: string;
	/** What was sent to get in, each once: `user:password`, or `nothing`. */
	readonly shown: ReadonlySet<string>;
	[Symbol.asyncDispose](): Promise<void>;
}

/** A registry (OCI distribution spec) with one image, `private/base:1`, for who shows these credentials only. */
export async function startFakeRegistry(credentials: string, files: TarFiles, architecture: string): Promise<FakeRegistry> {
	const layer = await tarBytesOf(files);
	const blobs = new Map<string, Buffer>();
	const keep = (blob: Buffer, mediaType: string): { mediaType: string; size: number; digest: string } => {
		const digest = digestOf(blob);
		blobs.set(digest, blob);
		return { mediaType, size: blob.length, digest };
	};
	const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
	const manifest = Buffer.from(JSON.stringify({
		schemaVersion: 2,
		mediaType: manifestType,
		config: keep(Buffer.from(JSON.stringify({ architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [digestOf(layer)] }, history: [{ created_by: 'files' }] })), 'application/vnd.docker.container.image.v1+json'),
		layers: [keep(gzipSync(layer), 'application/vnd.docker.image.rootfs.diff.tar.gzip')],
	}));
	const shown = new Set<string>();
	const server = createServer((request, response) => {
		const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
		shown.add(given || 'nothing');
		if (given !== credentials) {
			response.writeHead(401, { 'www-authenticate': 'Basic realm="private"', 'content-type': 'application/json' });
			response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
			return;
		}
		const name = request.url?.split('/').at(-1) ?? '';
		const content = request.url?.includes('/manifests/') ? manifest : blobs.get(name);
		if (content === undefined) {
			response.writeHead(request.url === '/v2/' ? 200 : 404).end();
			return;
		}
		response.writeHead(200, { 'content-type': content === manifest ? manifestType : 'application/octet-stream', 'content-length': content.length, 'docker-content-digest': digestOf(content) });
		response.end(request.method === 'HEAD' ? undefined : content);
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		shown,
		[Symbol.asyncDispose]: () => new Promise(resolve => {
			server.closeAllConnections();
			server.close(() => { resolve(); });
		}),
	};
}

function digestOf(content: Buffer): string {
	return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
