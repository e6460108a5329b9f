import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { commitContainer } from '../../src/core/commitContainer';
import type { Engine, EngineEvent } from '../../src/core/engine/engine';
import { withContainer } from '../support/containers';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { baseImage, buildImage, buildMessages, forEachBuilder, forEachEngine } from '../support/engines';

const unique = (): string => `${process.pid}-${Math.random().toString(36).slice(2, 8)}`;

/** Runs with an image of our own, which is gone afterwards. */
async function withImage<T>(engine: Engine, reference: string, dockerfile: string, use: (id: string) => Promise<T>): Promise<T> {
	const id = await buildImage(engine, { Dockerfile: dockerfile }, { tags: [reference] });
	try {
		return await use(id);
	} finally {
		await engine.removeImage(reference, { force: true });
	}
}

/** Whether a process with this in its command line runs; the test engines run on this machine. */
async function runs(marker: string): Promise<boolean> {
	return await pidOf(marker) !== undefined;
}

async function pidOf(marker: string): Promise<number | undefined> {
	const commands = await Promise.all((await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(async pid => ({
		pid, command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
	})));
	const found = commands.find(({ command }) => command.split('\0').slice(0, 2).join(' ') === `sleep ${marker}`);
	return found === undefined ? undefined : Number(found.pid);
}

/** Long for a busy machine, short beside what is waited for here: that ends of itself only hours later. */
const patienceMs = 30_000;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
	const end = performance.now() + patienceMs;
	while (!await holds()) {
		assert.ok(performance.now() < end, `${what}: not within ${patienceMs} ms`);
		await new Promise(resolve => setTimeout(resolve, 20));
	}
}

async function entriesOf(tar: Readable): Promise<Record<string, string>> {
	const entries: Record<string, string> = {};
	const reader = extract();
	reader.on('entry', (header, content, next) => {
		text(content).then(read => {
			entries[header.name] = read;
			next();
		}, next);
	});
	await pipeline(tar, reader);
	return entries;
}

describe('Engine', () => {
	forEachEngine((engine, test) => {
		const name = (): string => `strata-test/engine-${unique()}`;
		const never = new AbortController().signal;
		const traits = traitsOf(test);
		const hasBuildKit = traits.builders.includes('buildkit');

		it('says what it is', async () => {
			const info = await engine().info();
			assert.ok(info.version.startsWith(traits.version), info.version);
			assert.deepEqual([info.kind, info.os, info.hasBuildKit, info.imageStore], [traits.kind, 'linux', hasBuildKit, traits.imageStore]);
			assert.notEqual(info.id, '');
			assert.equal((await engine().info()).id, info.id);
		});

		it('says what its machine is and what it keeps on disk', async () => {
			const details = await engine().details();
			assert.ok(details.rootFolder?.startsWith('/'), details.rootFolder);
			assert.equal(details.isRootless, traits.isRootless);
			assert.ok((details.cpus ?? 0) > 0 && (details.memoryBytes ?? 0) > 1e8 && (details.images ?? 0) > 0);
			assert.equal(details.insecureRegistries.includes('127.0.0.0/8'), traits.kind === 'docker');
			const usage = await engine().diskUsage();
			// Podman does not tell.
			assert.equal((usage.images ?? 0) >= 1_900_000, traits.kind === 'docker', JSON.stringify(usage));
			assert.ok(usage.containers !== undefined && usage.volumes !== undefined && usage.buildCache !== undefined);
		});

		it('lists, inspects and removes an image', async () => {
			const reference = `${name()}:1`;
			await withImage(engine(), reference, `FROM ${baseImage}\nENV A=b\nWORKDIR /w\nRUN echo hello > greeting # ${unique()}\nLABEL l=1\nUSER 7\n`, async id => {
				const listed = (await engine().images()).find(image => image.references.includes(reference));
				assert.equal(listed?.id, id);
				assert.equal(listed.labels['l'], '1');
				assert.ok(Math.abs(listed.createdAt - Date.now()) < 10 * 60_000);

				const details = await engine().image(reference);
				assert.deepEqual([details.id, details.env['A'], details.workdir, details.user, details.os], [id, 'b', '/w', '7', 'linux']);
				const base = await engine().image(baseImage);
				assert.deepEqual(details.diffIds.slice(0, base.diffIds.length), base.diffIds);

				const history = await engine().history(reference);
				const own = history.slice(0, history.length - (await engine().history(baseImage)).length);
				assert.deepEqual(own.map(row => /ENV|WORKDIR|greeting|LABEL|USER/.exec(row.createdBy)?.[0]).filter(Boolean), [...hasBuildKit ? [] : ['LABEL'], 'USER', 'LABEL', 'greeting', 'WORKDIR', 'ENV']);
				assert.equal(own.find(row => row.createdBy.includes('greeting'))?.sizeBytes, layerBytes(traits, { files: [6], folders: 1 }));
				assert.equal(own[0]?.imageId, traits.kind === 'docker' ? id : undefined);

				assert.equal((await engine().inspectImage(id) as { Id: string }).Id, id);

				const other = `${name()}:2`;
				await engine().tagImage(id, other);
				assert.deepEqual([...(await engine().image(id)).references].sort(), [other, reference].sort());
				assert.deepEqual(await engine().removeImage(other), [{ kind: 'untagged', reference: other }]);
			});
			await assert.rejects(engine().image(reference), { name: 'EngineError', reason: 'notFound', subject: reference });
			await assert.rejects(engine().history(reference), { reason: 'notFound' });
			await assert.rejects(engine().inspectImage(reference), { reason: 'notFound' });
			await assert.rejects(engine().saveImage(reference, never), (error: { reason: string }) => error.reason === 'notFound' || error.reason === 'failed');
			await assert.rejects(engine().removeImage(reference), { reason: 'notFound' });
		});

		it('saves an image as an archive with a manifest', async () => {
			const entries = await entriesOf(await engine().saveImage(baseImage, never));
			const [manifest] = JSON.parse(entries['manifest.json'] ?? '[]') as { RepoTags: string[]; Layers: string[] }[];
			assert.deepEqual(manifest?.RepoTags, [traits.hubInArchives + baseImage]);
			assert.ok(manifest.Layers.length > 0 && manifest.Layers.every(layer => layer in entries));
		});

		it('stops saving when aborted', async () => {
			const abort = new AbortController();
			const archive = await engine().saveImage(baseImage, abort.signal);
			await assert.rejects(async () => {
				for await (const chunk of archive) {
					assert.ok(chunk);
					abort.abort();
				}
			}, { name: 'AbortError' });
		});

		it('follows a container: its row, its changes, its files, its commit', async () => {
			await withContainer(test, baseImage, ['sh', '-c', 'mkdir /new && echo hello > /new/file && ln -s file /new/link && chmod 4755 /new/file && rm /bin/yes && touch /new/done && exec sleep 600'], async (id, container) => {
				await until('the container\'s work', async () => await engine().statInContainer(id, '/new/done') !== undefined);

				const row = (await engine().containers()).find(other => other.id === id);
				assert.deepEqual([row?.image, row?.state, row?.labels['dev.strata.test']], [baseImage, 'running', '1']);
				assert.match(row?.status ?? '', /^Up /);
				const details = await engine().container(id);
				assert.deepEqual([details.id, details.name, details.command, 'PATH' in details.env, details.mounts], [id, row?.name, row?.command, true, []]);
				assert.equal((await engine().container(details.name)).id, id);
				assert.equal((await engine().inspectContainer(id) as { Id: string }).Id, id);

				assert.deepEqual((await engine().changes(id)).map(({ path, change }) => `${path} ${change}`), [
					'/bin modified', '/bin/yes removed', ...traits.ownChanges, '/new added', '/new/done added', '/new/file added', '/new/link added',
				]);

				assert.deepEqual(await engine().statInContainer(id, '/new/file'), { kind: 'file', sizeBytes: 6, mode: 0o4755, link: undefined });
				assert.equal((await engine().statInContainer(id, '/new'))?.kind, 'directory');
				const link = await engine().statInContainer(id, '/new/link');
				assert.equal(link?.kind, 'symlink');
				assert.match(link.link ?? '', /file$/);
				assert.equal(await engine().statInContainer(id, '/bin/yes'), undefined);
				assert.deepEqual(await entriesOf(await engine().readFromContainer(id, '/new/file')), { file: 'hello\n' });
				await assert.rejects(engine().readFromContainer(id, '/bin/yes'), { reason: 'notFound', subject: '/bin/yes' });

				await assert.rejects(engine().removeContainer(id), { reason: 'conflict' });

				const reference = `${name()}:snap`;
				const imageId = await engine().commit({ containerId: id, reference, message: 'What: é & ü', author: 'Me <me@example.org>', changes: ['ENV COMMITTED=1', 'CMD ["sh", "-c", "echo hi"]'], pause: true });
				try {
					const committed = await engine().image(reference);
					assert.deepEqual([committed.id, committed.env['COMMITTED']], [imageId, '1']);
					const record = await engine().inspectImage(reference) as { Author: string; Comment: string; Config: { Cmd: string[] } };
					assert.deepEqual([record.Author, record.Comment, record.Config.Cmd], ['Me <me@example.org>', 'What: é & ü', ['sh', '-c', 'echo hi']]);
					const [newest, ...older] = await engine().history(reference);
					// A layer store counts the link's target as its content, a block store nothing for so short a one.
					const bytes = layerBytes(traits, traits.measure === 'files' ? { files: [6, 'file'.length] } : { files: [6], folders: 2 });
					assert.equal(older.length, (await engine().history(baseImage)).length);
					// Podman says there upon what it was built, and commits what its mounts stand on too.
					const told = [newest?.comment, newest?.sizeBytes === bytes];
					assert.deepEqual(told, traits.kind === 'docker' ? ['What: é & ü', true] : [`FROM docker.io/${baseImage}`, false]);
				} finally {
					await engine().removeImage(reference);
				}
				await assert.rejects(engine().commit({ containerId: id, reference: undefined, message: '', author: '', changes: ['RUN x'], pause: false }), { name: 'EngineError' });

				await container.kill();
				await until('the container\'s end', async () => (await engine().container(id)).state === 'exited');
			});
		});

		it('commits without a name to an untagged image', async () => {
			await withContainer(test, baseImage, ['sh'], async id => {
				const imageId = await engine().commit({ containerId: id, reference: undefined, message: '', author: '', changes: [`LABEL u=${unique()}`], pause: false });
				assert.deepEqual((await engine().image(imageId)).references, []);
				assert.deepEqual((await engine().removeImage(imageId)).map(({ kind }) => kind).at(-1), 'deleted');
			});
		});

		it('leaves no image of a commit that is cancelled under way, and its name where it was', async () => {
			await withContainer(test, baseImage, ['sh'], async id => {
				const before = await engine().images();
				const abort = new AbortController();
				const late: Engine = { ...engine(), commit: request => engine().commit(request).finally(() => { abort.abort(); }) };
				const request = { containerId: id, reference: baseImage, message: '', author: '', changes: [`LABEL late=${unique()}`], pause: false };
				await assert.rejects(commitContainer(late, request, abort.signal), { name: 'AbortError' });
				const after = await engine().images();
				assert.deepEqual(after.filter(({ labels }) => labels['late'] !== undefined), []);
				assert.deepEqual(after.find(({ references }) => references.includes(baseImage))?.id, before.find(({ references }) => references.includes(baseImage))?.id);
			});
		});

		it('removes a stopped container, and knows none that is gone', async () => {
			await withContainer(test, baseImage, ['true'], async (id, container) => {
				await container.wait();
				await engine().removeContainer(id);
				for (const call of ['container', 'changes', 'inspectContainer', 'removeContainer'] as const) {
					await assert.rejects(engine()[call](id), { name: 'EngineError', reason: 'notFound', subject: id });
				}
				assert.equal(await engine().statInContainer(id, '/bin'), undefined);
				// `withContainer` removes it again: give it one to remove.
			}).catch((failure: { statusCode?: number }) => { assert.equal(failure.statusCode, 404); });
		});

		it('tells what happens, until aborted', async () => {
			const abort = new AbortController();
			const seen: EngineEvent[] = [];
			const reference = `${name()}:1`;
			const arrived = new Promise<void>((resolve, reject) => {
				void (async () => {
					for await (const event of engine().events(abort.signal)) {
						seen.push(event);
						if (event.action === 'untag' && event.attributes['name'] === reference) {
							resolve();
						}
					}
				})().catch(reject);
			});
			const { id } = await engine().image(baseImage);
			await engine().images();
			await engine().tagImage(id, reference);
			await engine().removeImage(reference);
			// Before 25 the event of an untag names the image only by its id.
			await Promise.race([arrived, until('the events', async () => seen.some(({ action, id: about }) => action === 'untag' && about === id))]);
			abort.abort();
			const tag = seen.find(({ type, action, attributes }) => type === 'image' && action === 'tag' && attributes['name'] === reference);
			assert.equal(tag?.id, id);
			assert.ok(Math.abs(tag.at - Date.now()) < 60_000);
		});

		it('lists its build cache and removes one record of it by id', async () => {
			if (!hasBuildKit) {
				assert.deepEqual(await engine().cacheRecords(), []);
				await assert.rejects(engine().pruneCacheRecords(['a'.repeat(25)]), { reason: 'unsupported' });
				return;
			}
			const marker = unique();
			const id = await buildImage(engine(), { Dockerfile: `FROM ${baseImage}\nRUN echo ${marker} > /marker\n` });
			await engine().removeImage(id);
			const mine = (await engine().cacheRecords()).find(({ description }) => description.includes(marker));
			// On the containerd store the layer's compressed copy comes on top of it.
			const bytes = layerBytes(traits, { files: [marker.length + 1] });
			assert.deepEqual([mine?.type, (mine?.sizeBytes ?? 0) - bytes < (traits.measure === 'files' ? 1 : 4096), mine?.inUse], ['regular', true, false]);
			assert.ok((mine?.sizeBytes ?? 0) >= bytes);
			assert.equal(mine?.parents.length, 1);
			assert.ok(Math.abs((mine?.createdAt ?? 0) - Date.now()) < 10 * 60_000);
			const before = new Set((await engine().cacheRecords()).map(record => record.id));
			await engine().pruneCacheRecords([mine?.id ?? '']);
			const after = new Set((await engine().cacheRecords()).map(record => record.id));
			assert.equal(after.has(mine?.id ?? ''), false);
			assert.equal(after.has(mine?.parents[0] ?? ''), before.has(mine?.parents[0] ?? ''));
		});

		it('ends a BuildKit build by its id, with its last words', async () => {
			const marker = `31${Date.now()}`;
			const buildId = `strata-test-${unique()}`;
			if (!hasBuildKit) {
				await assert.rejects(engine().cancelBuild(buildId), { reason: 'unsupported' });
				return;
			}
			const abort = new AbortController();
			const build = buildMessages(engine(), { Dockerfile: `FROM ${baseImage}\nRUN sleep ${marker}\n` }, { buildId }, abort.signal);
			build.catch(() => undefined);
			try {
				await until('the RUN', () => runs(marker));
				await engine().cancelBuild(buildId);
				await until('the end of the RUN', async () => !await runs(marker));
				const messages = await build;
				assert.match(messages.at(-1)?.error ?? '', /cancel/);
			} finally {
				abort.abort();
			}
		});
	});

	forEachBuilder((engine, builder, test) => {
		it('builds from a tar: files, arguments, target, labels, tags', async () => {
			const tags = [`strata-test/engine-${unique()}:1`, `strata-test/engine-${unique()}:2`];
			const messages = await buildMessages(engine(), {
				'sub/Dockerfile': `FROM ${baseImage} AS one\nARG WORD\nCOPY grüße.txt /\nRUN echo "$WORD" > /word\nFROM one AS two\nRUN false\n`,
				'grüße.txt': 'hallo',
			}, { builder, dockerfile: 'sub/Dockerfile', target: 'one', buildArgs: { WORD: 'é & "x"' }, labels: { 'dev.strata.test': '2' }, tags });
			try {
				assert.equal(messages.find(({ error }) => error !== undefined), undefined);
				const id = messages.flatMap(({ aux }) => typeof aux === 'object' ? aux.ID ?? [] : []).at(-1);
				const image = await engine().image(tags[0]!);
				assert.deepEqual([image.id, [...image.references].sort(), image.labels['dev.strata.test']], [id, [...tags].sort(), '2']);
				const traces = messages.filter(message => message.id === 'moby.buildkit.trace').length;
				assert.equal(traces > 0, builder === 'buildkit');
			} finally {
				for (const tag of tags) {
					await engine().removeImage(tag, { force: true });
				}
			}
		});

		for (const [what, files, given, error] of [
			['a RUN that fails', { Dockerfile: `FROM ${baseImage}\nRUN exit 7\n` }, {}, /exit code: 7|non-zero code: 7|exit status 7/],
			['an instruction that is none', { Dockerfile: `FROM ${baseImage}\nRNU x\n` }, {}, /unknown instruction: "?RNU/i],
			['no Dockerfile', { other: '' }, {}, /Dockerfile/],
			['a target that is none', { Dockerfile: `FROM ${baseImage}\n` }, { target: 'nope' }, /nope/],
			['a source that is not there', { Dockerfile: `FROM ${baseImage}\nCOPY nope /\n` }, {}, /nope/],
		] as const) {
			it(`says the engine's words about ${what}`, async () => {
				const containers = (await engine().containers()).length;
				const messages = await buildMessages(engine(), files, { builder, ...given });
				assert.match(messages.at(-1)?.error ?? '', error);
				if (what === 'a RUN that fails' && builder === 'classic') {
					assert.equal((await engine().containers()).filter(({ state, command }) => state === 'exited' && command.includes('exit 7')).length, 0, `${containers}`);
				}
			});
		}

		it('ends the engine\'s work when aborted: the process of its RUN is gone soon, if the engine sees to that', async () => {
			const marker = `27${Date.now()}`;
			const abort = new AbortController();
			const messages = buildMessages(engine(), { Dockerfile: `FROM ${baseImage}\nRUN sleep ${marker}\n` }, { builder }, abort.signal);
			await Promise.race([messages, until('the RUN', () => runs(marker))]);
			abort.abort();
			await assert.rejects(messages, { name: 'AbortError' });
			if (!traitsOf(test).endsWithItsClient) {
				await new Promise(resolve => setTimeout(resolve, 1000));
				const left = await pidOf(marker);
				assert.ok(left !== undefined, 'it has come to see to that');
				process.kill(left, 'SIGKILL');
				return;
			}
			await until('the end of the RUN', async () => !await runs(marker));
			await until('the end of its container', async () => !(await engine().containers()).some(({ command }) => command.includes(marker)));
		});
	});
});
