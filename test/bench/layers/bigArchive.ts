import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { entryBytes } from '../../support/layerTar';

/**
 * An image of three layers in `docker save`'s form, written to a file without ever being in memory. As in real images
 * most files are small (1 kB) and one in twenty holds most of the bytes. The third layer is one folder of a tenth of all
 * entries.
 */
export async function writeBigArchive(path: string, { entries, bytes, reference }: { readonly entries: number; readonly bytes: number; readonly reference: string }): Promise<void> {
	const file = createWriteStream(path);
	const write = async (data: Buffer): Promise<void> => {
		if (!file.write(data)) {
			await once(file, 'drain');
		}
	};
	const small = 1000;
	const large = Math.max(small, Math.floor((bytes / entries - small * 0.95) * 20));
	const stored = (size: number): number => 512 + Math.ceil(size / 512) * 512;
	const shares = [0.7, 0.2, 0.1];
	const diffIds: string[] = [];
	for (const [layer, share] of shares.entries()) {
		const count = Math.floor(entries * share);
		const folders = layer === 2 ? 1 : Math.ceil(count / 200);
		const largeCount = Math.ceil(count / 20);
		const length = largeCount * stored(large) + (count - largeCount) * stored(small) + folders * 512 + 1024;
		const digest = createHash('sha256');
		const hashed = (data: Buffer): Promise<void> => {
			digest.update(data);
			return write(data);
		};
		await write(entryBytes({ path: `layer${layer}/layer.tar`, data: '', size: length }));
		const [largeData, smallData] = [large, small].map(size => Buffer.alloc(size, `content of layer ${layer} `)) as [Buffer, Buffer];
		// The second layer changes what the first one has, the third adds.
		const folderOf = (at: number): string => layer === 2 ? 'usr/share/many' : `usr/share/part${Math.floor(at / 200) % 40}/folder${Math.floor(at / 8000)}`;
		for (let at = 0; at < count; at++) {
			if (layer === 2 ? at === 0 : at % 200 === 0) {
				await hashed(entryBytes({ path: `${folderOf(at)}/` }));
			}
			const data = at % 20 === 0 ? largeData : smallData;
			data.writeUInt32LE(at, 0);
			await hashed(entryBytes({ path: `${folderOf(at)}/file-${at}.dat`, data }));
		}
		await hashed(Buffer.alloc(1024));
		diffIds.push(`sha256:${digest.digest('hex')}`);
		await write(Buffer.alloc((512 - length % 512) % 512));
	}
	const config = JSON.stringify({
		architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds },
		history: shares.map((_, layer) => ({ created: '2024-01-01T00:00:00Z', created_by: `layer ${layer}` })),
	});
	await write(entryBytes({ path: 'config.json', data: config }));
	await write(entryBytes({ path: 'manifest.json', data: JSON.stringify([{ Config: 'config.json', RepoTags: [reference], Layers: shares.map((_, layer) => `layer${layer}/layer.tar`) }]) }));
	await write(Buffer.alloc(1024));
	file.end();
	await once(file, 'close');
	// Writing it to disk shall not be part of the first measurement.
	const handle = await open(path, 'r+');
	await handle.sync();
	await handle.close();
}
