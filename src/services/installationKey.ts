import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createWhole } from './wholeFile';

/**
 * A key of this installation, made once, readable by its user only. It stands in a file and not in a keychain because
 * the command line needs it too, and because a key that is new after a restart would make every secret look changed.
 */
export function installationKey(file: string): () => Promise<string> {
	let key: Promise<string> | undefined;
	return () => key ??= readOrMake(file);
}

async function readOrMake(file: string): Promise<string> {
	const known = await readFile(file, 'utf8').catch(() => undefined);
	if (known !== undefined) {
		return known;
	}
	const made = randomBytes(32).toString('hex');
	// Where it is there by now, another window was first.
	return await createWhole(file, made) ? made : readFile(file, 'utf8');
}
