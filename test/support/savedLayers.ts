import { posix } from 'node:path';
import { extract } from 'tar-stream';
import { gunzipSync } from 'node:zlib';
import type { Readable } from 'node:stream';

/** The files of a saved image by path, and where its symlinks lead to, by a reader of its own. */
export async function filesInArchive(archive: Readable): Promise<{ readonly files: ReadonlyMap<string, Buffer>; readonly links: ReadonlyMap<string, string> }> {
	const files = new Map<string, Buffer>();
	const links = new Map<string, string>();
	const reader = extract();
	archive.pipe(reader);
	for await (const entry of reader) {
		const parts: Buffer[] = [];
		for await (const part of entry as AsyncIterable<Buffer>) {
			parts.push(part);
		}
		const { name, type, linkname } = entry.header;
		if (type === 'symlink') {
			links.set(name, posix.join(posix.dirname(name), linkname ?? ''));
		} else {
			files.set(name, Buffer.concat(parts));
		}
	}
	return { files, links };
}

/** The uncompressed layer tars of a saved image, lowest first. */
export async function layersInArchive(archive: Readable): Promise<readonly Buffer[]> {
	const { files, links } = await filesInArchive(archive);
	const [manifest] = JSON.parse(String(files.get('manifest.json'))) as { readonly Layers: readonly string[] }[];
	return manifest!.Layers.map(path => {
		const bytes = files.get(links.get(path) ?? path)!;
		return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
	});
}
