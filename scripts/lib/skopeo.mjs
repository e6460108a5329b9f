import { join } from 'node:path';
import { librariesIn, unpacked, whyNotRootOnDebian } from './debian.mjs';
import { onPath, run } from './run.mjs';

/**
 * skopeo as a function of its arguments: the machine's own, else Debian's, unpacked for us alone. Undefined where there
 * is neither.
 */
export async function findSkopeo() {
	const own = await onPath('skopeo');
	if (own) {
		return args => run(own, ['--insecure-policy', ...args]);
	}
	if (await whyNotRootOnDebian()) {
		return undefined;
	}
	const folder = await unpacked('bookworm', 'skopeo', ['skopeo', 'libgpgme11', 'libassuan0', 'libdevmapper1.02.1']);
	const env = { ...process.env, LD_LIBRARY_PATH: await librariesIn([folder]) };
	return args => run(join(folder, 'usr/bin/skopeo'), ['--insecure-policy', ...args], { env });
}
