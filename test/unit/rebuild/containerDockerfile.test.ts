import assert from 'node:assert/strict';
import type { RunConfig } from '../../../src/core/engine/runConfig';
import { compareImages } from '../../../src/core/layers/compare';
import { findNode } from '../../../src/core/layers/tree';
import { planContainerDockerfile, type ContainerChanges } from '../../../src/core/rebuild/containerDockerfile';
import { containerDockerfileText } from '../../../src/words/containerDockerfile';
import { english } from '../../../src/words/translate';
import { stackOfEntries } from '../../support/layerStack';
import type { LayerEntry } from '../../support/layerTar';

const plain: RunConfig = {
	env: { PATH: '/bin' }, user: '', workdir: '', entrypoint: [], command: ['sh'], ports: [], volumes: [], labels: {},
	stopSignal: undefined, shell: undefined, onBuild: [], healthcheck: undefined,
};

const shell = ['bin/', 'bin/sh'];

/** The instructions of a container's Dockerfile, without comments and empty lines. */
async function instructions(image: readonly (LayerEntry | string)[], container: readonly (LayerEntry | string)[], given: Partial<ContainerChanges> = {}): Promise<string> {
	return (await text(image, container, given)).split('\n').filter(line => line !== '' && !line.startsWith('#')).join('\n');
}

async function text(image: readonly (LayerEntry | string)[], container: readonly (LayerEntry | string)[], given: Partial<ContainerChanges>): Promise<string> {
	const after = stackOfEntries(container);
	const { files: differences } = await compareImages(stackOfEntries(image), after, () => Promise.reject(new Error('All fingerprints are known.')));
	const plan = planContainerDockerfile({
		base: { text: 'web:1', kind: 'tag', imageId: 'sha256:1' }, differences, folderOf: path => findNode(after, path)!, mounts: [], packages: undefined, rpm: undefined,
		packageFiles: { installed: new Set(), edited: new Set(), removed: new Set(), missing: [] }, imageConfig: plain, containerConfig: plain, hasShell: true, canChmod: true, ...given,
	});
	return containerDockerfileText(plan, { name: 'web', id: '0123456789abcdef', image: 'web:1' }, english);
}

describe('the Dockerfile of a container', () => {
	it('copies what is plain by one COPY, and removes what is gone once', async () => {
		assert.equal(await instructions(
			[...shell, 'etc/', 'etc/os', 'gone/', 'gone/a', 'gone/b'],
			[...shell, 'etc/', 'etc/os = new', 'srv/', 'srv/app', 'srv/link -> app'],
		), 'FROM web:1\nRUN rm -rf /gone\nCOPY files/ /');
	});

	it('gives every owner and mode its own COPY, and changes no folder on the way', async () => {
		assert.equal(await instructions(
			[...shell, { path: 'home/', uid: 7, gid: 8 }, { path: 'root/', mode: 0o700 }],
			[...shell, { path: 'home/', uid: 7, gid: 8 }, { path: 'home/own', uid: 7, gid: 8 }, 'home/roots', { path: 'root/', mode: 0o700 }, 'root/x', { path: 'key', mode: 0o600 }],
		), [
			'FROM web:1', 'COPY --chmod=0600 files-0600/ /', 'COPY --chown=7:8 files-7-8/home/ /home/', 'COPY files/home/ /home/', 'COPY files/root/ /root/',
		].join('\n'));
	});

	it('changes modes by a command where the builder has no --chmod, and those that no COPY keeps', async () => {
		const files = [...shell, { path: 'key', mode: 0o600 }, { path: 'su', mode: 0o4755 }];
		assert.equal(await instructions(shell, files, { canChmod: false }), 'FROM web:1\nCOPY files/ /\nRUN chmod 0600 /key \\\n && chmod 4755 /su');
		assert.equal(await instructions(shell, files), 'FROM web:1\nCOPY files/ /\nCOPY --chmod=0600 files-0600/ /\nRUN chmod 4755 /su');
	});

	it('changes a folder of the image in place', async () => {
		assert.equal(await instructions([...shell, 'data/', 'data/x'], [...shell, { path: 'data/', mode: 0o750, uid: 5 }, 'data/x']),
			'FROM web:1\nRUN chown 5:0 /data \\\n && chmod 0750 /data');
	});

	it('makes way for what became something else', async () => {
		assert.equal(await instructions([...shell, 'a', 'b/', 'b/in', 'c -> a'], [...shell, 'a/', 'a/in', 'b', 'c -> b']),
			'FROM web:1\nRUN rm -rf \\\n    /a \\\n    /b \\\n    /c\nCOPY files/ /');
	});

	it('quotes names for the shell and for COPY', async () => {
		assert.equal(await instructions([...shell, 'it\'s gone', { path: 'my $dir/', uid: 1 }], [...shell, { path: 'my $dir/', uid: 1 }, 'my $dir/x']), [
			'FROM web:1', 'RUN rm -rf \'/it\'\\\'\'s gone\'', 'COPY ["files/my \\\\$dir/","/my \\\\$dir/"]',
		].join('\n'));
	});

	it('leaves out what the engine made, mounts, and what no Dockerfile can hold', async () => {
		const whole = await text(shell, [...shell, '.dockerenv', 'etc/', 'etc/hosts', 'dev/', 'dev/null', 'data/', 'data/db', { path: 'pipe', type: 'fifo' }, 'two\nlines'], { mounts: ['/data'] });
		assert.match(whole, /^FROM web:1\n\n# Not in this Dockerfile:$/m);
		assert.match(whole, /# {3}Devices and pipes.* \(1\):\n# {5}\/pipe\n/);
		assert.match(whole, /# {3}Paths whose names no Dockerfile can hold \(1\):\n# {5}\/two lines\n/);
		assert.match(whole, /# {3}Mounts.* \(1\):\n# {5}\/data\n/);
		assert.doesNotMatch(whole, /^COPY|^RUN/m);
	});

	it('says what it cannot do without a shell', async () => {
		const whole = await text(['a', 'b'], ['b = new'], { hasShell: false });
		assert.match(whole, /^COPY files\/ \/$/m);
		assert.match(whole, /Changes that need a shell, which the image does not have \(1\):\n# {5}\/a\n/);
		assert.doesNotMatch(whole, /^RUN/m);
	});

	it('says what the container was started with, and writes no secret down', async () => {
		const containerConfig: RunConfig = {
			...plain, env: { PATH: '/bin', MODE: 'a "b" $c', DB_PASSWORD: 'hunter2', LINES: 'a\nb' }, workdir: '/srv', user: 'www', command: ['serve', '--all'],
			ports: ['80/tcp'], labels: { 'dev.strata.temporary': '1', note: 'x y' }, healthcheck: { test: ['CMD-SHELL', 'true'], intervalMs: 5000, timeoutMs: undefined, startPeriodMs: undefined, retries: 3 },
		};
		const whole = await text(shell, shell, { containerConfig });
		assert.match(whole, /ENV MODE="a \\"b\\" \\\$c"\nLABEL note="x y"\nEXPOSE 80\/tcp\nWORKDIR \/srv\nUSER www\nHEALTHCHECK --interval=5s --retries=3 CMD true\nCMD \["serve","--all"\]/);
		assert.doesNotMatch(whole, /hunter2/);
		assert.match(whole, /ENV DB_PASSWORD: its name looks like a secret's/);
		assert.match(whole, /ENV LINES: no instruction can say a value of several lines/);
	});

	it('copies what rpm installed, and says that it does and what could be written instead', async () => {
		const image = [...shell, 'var/', 'var/lib/', 'var/lib/rpm/', 'var/lib/rpm/rpmdb.sqlite'];
		const container = [...image.slice(0, -1), 'var/lib/rpm/rpmdb.sqlite = new', 'usr/', 'usr/tree', 'var/cache/', 'var/cache/dnf/', 'var/cache/dnf/list'];
		const whole = await text(image, container, { rpm: { program: 'dnf', installed: ['tree-1.8.0-10.el9.x86_64'], removed: [] } });
		assert.match(whole, /# Packages were changed through rpm\. .*\n# .*\n# The log of dnf says.*\n# {3}RUN dnf -y install tree-1\.8\.0-10\.el9\.x86_64 && dnf clean all\n# Files.*\nCOPY files\/ \/\n/);
		assert.match(whole, /# {3}Files of package lists and caches, which are fetched anew: \d+\.\n/);
		const silent = await text(image, container, { rpm: { program: undefined, installed: [], removed: [] } });
		assert.match(silent, /# No log says which packages they were\.\n# Files/);
		assert.doesNotMatch(silent, /^RUN/m);
	});

	it('is root for its commands only', async () => {
		assert.equal(await instructions([...shell, 'gone'], shell, { imageConfig: { ...plain, user: 'www' }, containerConfig: { ...plain, user: 'www' } }),
			'FROM web:1\nUSER 0\nRUN rm -rf /gone\nUSER www');
	});

	it('says how surely it names its image', async () => {
		const by = async (kind: 'digest' | 'tag' | 'id'): Promise<string> => text(shell, shell, { base: { text: 'x', kind, imageId: 'sha256:1' } });
		assert.match(await by('digest'), /# By digest: the very image/);
		assert.match(await by('tag'), /# By tag.*\n# The container was made from sha256:1\.\nFROM x/);
		assert.match(await by('id'), /# By ID.*BuildKit builds from names\n# only/);
	});
});
