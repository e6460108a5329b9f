import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { ContainerSummary, Engine } from '../../src/core/engine/engine';
import type { ContainerDockerfile } from '../../src/core/rebuild/containerDockerfile';
import { compareContainer } from '../../src/services/compareContainer';
import { prepareContainerDockerfile } from '../../src/services/containerDockerfile';
import { exportContainerFiles } from '../../src/services/containerFiles';
import { ExploredImages } from '../../src/services/exploredImages';
import { createLayerReader } from '../../src/services/layerReader';
import { LayerStore } from '../../src/services/layerStore';
import { containerDockerfileText } from '../../src/words/containerDockerfile';
import { english } from '../../src/words/translate';
import { withContainer } from '../support/containers';
import { traitsOf } from '../support/engineTraits';
import { baseImage, buildImage, forEachBuilder } from '../support/engines';
import { inWorkshop } from './buildHarness';

const signal = new AbortController().signal;

/** What the container starts from: files to be changed and removed, folders with owners and modes of their own. */
const context = {
	Dockerfile: [
		`FROM ${baseImage}`,
		'RUN ["/bin/sh", "-c", "mkdir -p /etc/app /gone/deep /home/app /secret /opq && echo one > /etc/app/conf && echo x > /gone/deep/x && echo y > /opq/y && echo k > /kind && chmod 0700 /secret && chmod 1777 /opq && chown 1000:1000 /home/app && ln -s conf /etc/app/link && mkdir -p /var/lib/dpkg/info && chmod 0750 /etc/app"]',
		'COPY status /var/lib/dpkg/status',
		'ENV KEPT=1', 'CMD ["/bin/sh"]', '',
	].join('\n'),
	status: paragraph('base-files', '12.4'),
};

/** Edited, added, removed, replaced, linked, other modes and owners. */
const edits = [
	'echo two > /etc/app/conf', 'ln -sf /etc/other /etc/app/link', 'rm -r /gone', 'rm -r /opq && mkdir /opq && echo new > /opq/new && chmod 1777 /opq',
	'rm /kind && mkdir /kind && echo in > /kind/in', 'echo s > /secret/s && chmod 0600 /secret/s', 'echo mine > /home/app/mine && chown 1000:1000 /home/app/mine',
	'mkdir -p /srv/app/data/empty && echo run > /srv/app/run && chmod 0755 /srv/app/run && chown -R 33:33 /srv/app/data && ln -s run /srv/app/start',
	'ln /srv/app/run /srv/app/again', 'mkdir -p "/odd dir" && echo "it\'s" > "/odd dir/a \\$b"', 'cp /bin/busybox /srv/su && chmod 4755 /srv/su', 'mkdir /closed && chmod 0711 /closed && echo c > /closed/c',
	'touch /etc/app/conf', 'mkfifo /pipe', 'echo t > /tidy && rm /tidy', 'mkdir -p /etc && echo hi > /etc/motd', 'chmod 0700 /etc/app',
	// As dnf leaves it.
	'mkdir -p /var/lib/rpm /var/log && echo db > /var/lib/rpm/rpmdb.sqlite && echo "2024-05-01T10:00:01+0000 SUBDEBUG Installed: tree-1.8.0-10.el9.x86_64" > /var/log/dnf.rpm.log',
].join(' && ');

/** As apt leaves a container after `apt-get install tool`, which needs a library; then somebody edited the tool's configuration. */
const installs = [
	'cp /bin/true /usr-tool && mkdir -p /usr/bin /usr/lib /etc/tool /var/lib/apt/lists /var/log/apt && mv /usr-tool /usr/bin/tool && echo lib > /usr/lib/libtool.so && echo edited > /etc/tool/conf && echo default > /etc/tool/plain',
	`printf '%s' '${paragraph('base-files', '12.4')}${paragraph('tool', '1.2-3', 'Depends: libtool (>= 1)\nConffiles:\n /etc/tool/conf 11111111111111111111111111111111\n /etc/tool/plain de2b14ae7499f90736fc4a92327553a5')}${paragraph('libtool', '2.0')}' > /var/lib/dpkg/status`,
	'printf "/.\\n/usr\\n/usr/bin\\n/usr/bin/tool\\n/etc/tool\\n/etc/tool/conf\\n/etc/tool/plain\\n/usr/bin/gone\\n" > /var/lib/dpkg/info/tool.list && printf "/usr/lib\\n/usr/lib/libtool.so\\n" > /var/lib/dpkg/info/libtool.list',
	'printf "Package: libtool\\nAuto-Installed: 1\\n" > /var/lib/apt/extended_states && echo log > /var/log/apt/history.log && echo lists > /var/lib/apt/lists/main',
].join(' && ');

describe('the Dockerfile of a container', function () {
	this.timeout(120_000);

	forEachBuilder((engine, builder, test) => {
		const reference = `strata-test/rebuild-${builder}:${process.pid}`;
		before(() => buildImage(engine(), context, { builder, tags: [reference] }));
		after(() => engine().removeImage(reference, { force: true }));

		it('rebuilds the same tree from files edited, added, removed and linked', async () => {
			await withContainer(test, reference, ['/bin/sh', '-c', edits], async (id, container) => {
				await finished(container);
				await inExploration(engine(), async explored => {
					const summary = await summaryOf(engine(), id);
					const plan = await prepareContainerDockerfile(engine(), explored, summary, builder === 'buildkit', { signal });
					await inWorkshop(engine(), builder, {}, async workshop => {
						const folder = join(workshop.folder, 'container');
						const text = containerDockerfileText(plan, summary, english);
						assert.deepEqual(await exportContainerFiles(engine(), id, folder, text, plan.units, { signal }), []);
						const { run } = await workshop.build({ contextPath: folder, dockerfilePath: join(folder, 'Dockerfile') });
						assert.equal(run.state, 'succeeded', `${run.error?.message ?? ''}\n${text}`);
						const { files, config } = await compareContainer(engine(), explored, summary, run.imageId!, { signal });
						assert.deepEqual(files.map(({ path, change }) => `${change} ${path}`), ['added /pipe'], text);
						assert.deepEqual(config.map(({ subject }) => subject), []);
						assert.deepEqual(plan.leftOut, [{ reason: 'special', paths: ['/pipe'] }]);
						assert.match(text, new RegExp(`^FROM ${traitsOf(test).digestsBuilt ? `${reference.replace(/:[^:]*$/, '')}@sha256:[0-9a-f]{64}` : reference}$`, 'm'));
						assert.match(text, /^# Packages were changed through rpm\.[^]*?\n# {3}RUN dnf -y install tree-1\.8\.0-10\.el9\.x86_64 && dnf clean all$/m);
						assert.match(text, /^COPY files\/ \/$/m);
						assert.match(text, /^COPY --chown=1000:1000 files-1000-1000\/home\/app\/ \/home\/app\/$/m);
					});
				});
			});
		});

		it('installs packages by their command, and copies only what was edited of them', async () => {
			await withContainer(test, reference, ['/bin/sh', '-c', installs], async (id, container) => {
				await finished(container);
				await inExploration(engine(), async explored => {
					const summary = await summaryOf(engine(), id);
					const plan = await prepareContainerDockerfile(engine(), explored, summary, builder === 'buildkit', { signal });
					const text = containerDockerfileText(plan, summary, english);
					assert.match(text, /apt-get install -y --no-install-recommends tool=1\.2-3 /);
					assert.match(text, /Packages that were installed: 1, and 1 that they need\./);
					assert.deepEqual(copied(plan), ['/etc/tool/conf', '/var/log']);
					assert.deepEqual(plan.removals, ['/usr/bin/gone']);
					assert.deepEqual(plan.leftOut.map(({ reason }) => reason).sort(), ['packageLists', 'packageManager']);
				});
			});
		});
	});
});

function paragraph(name: string, version: string, more = ''): string {
	return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}${more === '' ? '' : '\n'}Description: ${name}\n\n`;
}

async function finished(container: Docker.Container): Promise<void> {
	const { StatusCode: status } = await container.wait() as { readonly StatusCode: number };
	assert.equal(status, 0, (await container.logs({ stdout: true, stderr: true })).toString());
}

async function summaryOf(engine: Engine, id: string): Promise<ContainerSummary> {
	return engine.container(id);
}

function copied({ units }: ContainerDockerfile): readonly string[] {
	return units.flatMap(({ entries }) => entries.map(({ path }) => path)).sort();
}

async function inExploration(engine: Engine, use: (explored: ExploredImages) => Promise<void>): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'strata-rebuild-'));
	const store = new LayerStore({ folder, log: message => { assert.fail(message); } });
	const explored = new ExploredImages(createLayerReader(store, () => Promise.resolve(engine)), (_, work) => work(signal, () => undefined));
	try {
		await use(explored);
	} finally {
		explored.dispose();
		await rm(folder, { recursive: true, force: true });
	}
}
