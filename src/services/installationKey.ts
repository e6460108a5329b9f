import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A key of this installation, made once, readable by its user only. It stands in a file and not in a keychain because
 * the command line needs it too, and because a key that is new after a restart would make every secret look changed.
 */
export function installationKey(file: string): () => Promise<string> {
	let key: Promise<string> | undefined;
	return () => key ??= readOrMake(file);
}

async function readOrMake(file: string): Promise<string> {
	const known = await readFile(file, 'utf8').catch(() => '');
	if (known !== '') {
		return known;
	}
	await mkdir(dirname(file), { recursive: true });
	const made = randomBytes(32).toString('hex');
	try {
		const created = await open(file, 'wx', 0o600);
		try {
			await created.writeFile(made);
		} finally {
			await created.close();
		}
		return made;
	} catch {
		// Another window was first.
		return await readFile(file, 'utf8');
	}
}
