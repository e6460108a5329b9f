import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { installed } from './cache.mjs';
import { install, unpacked } from './debian.mjs';
import { api } from './engineApi.mjs';
import { run } from './run.mjs';

const tiny = 'strata-test/base:1';

/** The 2 MB base of the tests, so that no registry is needed: busybox and its names, labelled as ours. */
export async function baseImage(host) {
	if (await present(host, tiny)) {
		return;
	}
	const folder = await unpacked('bookworm', 'busybox', ['busybox-static']);
	const context = pack();
	context.entry({ name: 'busybox', mode: 0o755 }, await readFile(join(folder, 'bin/busybox')));
	context.entry({ name: 'Dockerfile' }, [
		'FROM scratch', 'LABEL dev.strata.test=1', 'COPY busybox /bin/busybox',
		'RUN ["/bin/busybox", "--install", "-s", "/bin"]', 'CMD ["/bin/sh"]', '',
	].join('\n'));
	context.finalize();
	const query = new URLSearchParams({ t: tiny, networkmode: 'none', rm: '1', forcerm: '1' });
	await api(host, 'POST', `/build?${query}`, context, { 'Content-Type': 'application/x-tar' });
}

const debian = 'strata-samples/debian:bookworm';

/** A real Debian base for the samples, made with debootstrap once and kept as an archive in the cache. */
export async function debianImage(host) {
	if (await present(host, debian)) {
		return;
	}
	const folder = await installed('debian-bookworm', async unfinished => {
		await install(['debootstrap']);
		const root = await mkdtemp(join(tmpdir(), 'strata-debian-'));
		try {
			await run('debootstrap', ['--variant=minbase', 'bookworm', root]);
			await run('tar', ['-C', root, '-cf', join(unfinished, 'debian.tar'), '.']);
		} finally {
			await rm(root, { recursive: true, force: true });
		}
	});
	const [repo, tag] = debian.split(':');
	const query = new URLSearchParams({ fromSrc: '-', repo, tag, changes: 'CMD ["bash"]' });
	await api(host, 'POST', `/images/create?${query}`, createReadStream(join(folder, 'debian.tar')), { 'Content-Type': 'application/x-tar' });
}

function present(host, reference) {
	return api(host, 'GET', `/images/${reference}/json`).then(() => true, () => false);
}
