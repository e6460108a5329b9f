import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Hands over a new folder with these files, and removes it. */
export async function withFolder<T>(files: Readonly<Record<string, string | Uint8Array>>, use: (root: string) => Promise<T>): Promise<T> {
	const root = await mkdtemp(join(tmpdir(), 'strata-test-'));
	try {
		for (const [path, content] of Object.entries(files)) {
			await mkdir(dirname(join(root, path)), { recursive: true });
			await writeFile(join(root, path), content);
		}
		return await use(root);
	} finally {
		await rm(root, { recursive: true, force: true });
	}
}
