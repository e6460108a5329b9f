import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { copyFile, cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pack } from 'tar-stream';
import { installed } from './cache.mjs';
import { install, unpacked } from './debian.mjs';
import { api } from './engineApi.mjs';
import { onPath, run } from './run.mjs';

/** What stands in for the samples' public bases on an engine that reaches no registry. */
export const sampleArguments = { DEBIAN: 'strata-samples/debian:bookworm', NODE: 'strata-samples/node:1', BUSYBOX: 'strata-test/base:1' };

const tiny = sampleArguments.BUSYBOX;

/** The folder with Debian's busybox, for any base to run on. */
export function busybox() {
	return unpacked('bookworm', 'busybox', ['busybox-static']);
}

/** The 2 MB base of the tests, so that no registry is needed: busybox and its names, labelled as ours. */
export async function baseImage(host) {
	if (await present(host, tiny)) {
		return;
	}
	const folder = await busybox();
	const context = pack();
	context.entry({ name: 'busybox', mode: 0o755 }, await readFile(join(folder, 'bin/busybox')));
	context.entry({ name: 'Dockerfile' }, [
		'FROM scratch', 'LABEL dev.strata.test=1', 'COPY busybox /bin/busybox',
		'RUN ["/bin/busybox", "--install", "-s", "/bin"]', 'CMD ["/bin/sh"]', '',
	].join('\n'));
	context.finalize();
	await build(host, tiny, context);
}

const debian = sampleArguments.DEBIAN;

/** The folder with `debian.tar`, made with debootstrap once. */
export function debianArchive() {
	return installed('debian-bookworm', async unfinished => {
		await install(['debootstrap']);
		const root = await mkdtemp(join(tmpdir(), 'strata-debian-'));
		try {
			await run('debootstrap', ['--variant=minbase', 'bookworm', root]);
			await run('tar', ['-C', root, '-cf', join(unfinished, 'debian.tar'), '.']);
		} finally {
			await rm(root, { recursive: true, force: true });
		}
	});
}

/** A real Debian base for the samples. */
export async function debianImage(host) {
	if (await present(host, debian)) {
		return;
	}
	const folder = await debianArchive();
	const [repo, tag] = debian.split(':');
	const query = new URLSearchParams({ fromSrc: '-', repo, tag, changes: 'CMD ["bash"]' });
	await api(host, 'POST', `/images/create?${query}`, createReadStream(join(folder, 'debian.tar')), { 'Content-Type': 'application/x-tar' });
}

const node = sampleArguments.NODE;

/** This machine's own Node and npm on that Debian, for the sample that needs them. */
export async function nodeImage(host) {
	if (await present(host, node)) {
		return;
	}
	await debianImage(host);
	const npm = join(dirname(await realpath(await onPath('npm'))), '..');
	const context = await mkdtemp(join(tmpdir(), 'strata-node-'));
	try {
		await copyFile(process.execPath, join(context, 'node'));
		await cp(npm, join(context, 'npm'), { recursive: true });
		await writeFile(join(context, 'Dockerfile'), [
			`FROM ${debian}`, 'COPY node /usr/local/bin/node', 'COPY npm /usr/local/lib/node_modules/npm',
			'RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm', 'CMD ["node"]', '',
		].join('\n'));
		const archive = spawn('tar', ['-C', context, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
		await build(host, node, archive.stdout);
	} finally {
		await rm(context, { recursive: true, force: true });
	}
}

function build(host, tag, context) {
	const query = new URLSearchParams({ t: tag, networkmode: 'none', rm: '1', forcerm: '1' });
	return api(host, 'POST', `/build?${query}`, context, { 'Content-Type': 'application/x-tar' });
}

function present(host, reference) {
	return api(host, 'GET', `/images/${reference}/json`).then(() => true, () => false);
}
