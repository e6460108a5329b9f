import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Disposable } from '../../src/core/base/event';
import { ContextError } from '../../src/core/build/contextError';
import type { BuildOptions } from '../../src/core/build/buildOptions';
import { createDockerEngine } from '../../src/core/engine/dockerEngine';
import type { Engine } from '../../src/core/engine/engine';
import type { BuildRunner } from '../../src/services/buildRunner';
import { bridgeTo } from '../support/bridge';
import { traitsOf } from '../support/engineTraits';
import { baseImage, endpointOf, forEachBuilder, uploadsIn } from '../support/engines';
import { inWorkshop, type Built } from './buildHarness';

interface Failure {
	readonly name: string;
	readonly dockerfile: string | Uint8Array;
	readonly options?: Partial<BuildOptions>;
	/** `kind line exitCode`, and the outcomes of the lines. */
	readonly fails: string;
	readonly outcomes: string;
	readonly classic?: { readonly fails?: string; readonly outcomes?: string } | 'succeeds';
	readonly podman?: { readonly fails?: string; readonly outcomes?: string };
}

const failures: readonly Failure[] = [
	{
		name: 'a RUN', fails: 'instruction 4 7', outcomes: '1 metadata, 2 metadata, 3 ran, 4 failed, 5 notRun, 6 notRun, 7 notRun',
		classic: { outcomes: '1 metadata, 2 ran, 3 ran, 4 failed, 5 notRun, 6 notRun, 7 notRun' },
		dockerfile: `FROM ${baseImage}\nENV N=NONCE\nRUN echo one\nRUN echo to stdout; echo to stderr >&2; exit 7\nENV C=d\nRUN echo never\nCOPY Dockerfile /\n`,
	},
	{
		name: 'a RUN beside a long one', fails: 'instruction 4 3', outcomes: '1 metadata, 2 cancelled, 3 metadata, 4 failed, 5 metadata, 6 notRun, 7 notRun',
		classic: { outcomes: '1 metadata, 2 ran, 3 metadata, 4 failed, 5 notRun, 6 notRun, 7 notRun' },
		dockerfile: `FROM ${baseImage} AS a\nRUN sleep 2; echo NONCE\nFROM ${baseImage} AS b\nRUN sleep 0.5; echo NONCE; exit 3\nFROM ${baseImage}\nCOPY --from=a /bin /x\nCOPY --from=b /bin /y\n`,
	},
	{
		name: 'a COPY of what is not there', fails: 'instruction 2 -', outcomes: '2 failed, 3 notRun', // Whether the base was ready by then is a matter of luck.
		dockerfile: `FROM ${baseImage}\nCOPY nope.txt /\nRUN echo never NONCE\n`,
	},
	{
		name: 'a trigger of a stage', fails: 'instruction 3 4', outcomes: '1 metadata, 2 metadata, 3 failed, 4 notRun',
		classic: { outcomes: '1 metadata, 2 ran, 3 failed, 4 notRun' },
		dockerfile: `FROM ${baseImage} AS a\nONBUILD RUN echo NONCE; exit 4\nFROM a\nRUN echo\n`,
	},
	{ name: 'an unknown target', fails: 'target - -', outcomes: '1 notRun, 2 notRun', options: { target: 'nope' }, dockerfile: `FROM ${baseImage}\nRUN echo ok\n` },
	{
		name: 'an unknown instruction', fails: 'syntax 3 -', outcomes: '1 notRun, 2 notRun, 3 notRun',
		// It reads an instruction when it comes to it.
		podman: { outcomes: '1 metadata, 2 ran, 3 failed' },
		dockerfile: `FROM ${baseImage}\nRUN echo ok\nRNU x\n`,
	},
	{
		name: 'stages that need each other', fails: 'cycle 2 -', outcomes: '1 notRun, 2 notRun, 3 notRun, 4 notRun', classic: { outcomes: '1 metadata, 2 failed, 3 notRun, 4 notRun' },
		dockerfile: `FROM ${baseImage} AS a\nCOPY --from=b /x /x\nFROM ${baseImage} AS b\nCOPY --from=a /x /x\n`,
	},
	{ name: 'a base that nobody has', fails: 'base 1 -', outcomes: '1 failed, 2 notRun', dockerfile: 'FROM localhost:1/strata-test/none:1\nRUN echo\n' },
	{
		name: 'an image to copy from that nobody has', fails: 'base 2 -', outcomes: '2 failed', classic: { fails: 'instruction 2 -' },
		dockerfile: `FROM ${baseImage}\nCOPY --from=localhost:1/strata-test/none:1 /x /x\n`,
	},
	{
		name: 'a frontend that cannot be fetched', fails: 'frontend 1 -', outcomes: '2 notRun, 3 notRun', classic: 'succeeds',
		dockerfile: `# syntax=localhost:1/strata-test/none:1\nFROM ${baseImage}\nRUN echo NONCE\n`,
	},
	{ name: 'an empty Dockerfile', fails: 'syntax 1 -', outcomes: '', dockerfile: '' },
	{ name: 'a Dockerfile without FROM', fails: 'syntax 1 -', outcomes: '1 notRun', dockerfile: 'RUN echo\n' },
	{ name: 'a binary Dockerfile', fails: 'syntax 1 -', outcomes: '1 notRun', dockerfile: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 255, 254]) },
];

describe('a build that fails', function () {
	this.timeout(120_000);
	forEachBuilder((engine, builder, test) => {
		const { endsWithItsClient } = traitsOf(test);
		/**
		 * Long enough to see whether somebody ended it; where nobody does, it is waited for. Its shell stays, so that it can be
		 * told by its command line.
		 */
		const lasting = `RUN echo begun; sleep ${endsWithItsClient ? 100 : 5}; : NONCE`;

		for (const { name, dockerfile, options, fails, outcomes, classic, podman } of failures) {
			const own = podman !== undefined && traitsOf(test).kind === 'podman' ? podman : builder === 'classic' && classic !== 'succeeds' ? classic : undefined;
			it(builder === 'classic' && classic === 'succeeds' ? `does not for ${name}` : `says where: ${name}`, () =>
				inWorkshop(engine(), builder, { Dockerfile: dockerfile }, async ({ build }) => {
					const { run, record } = await build(options);
					if (builder === 'classic' && classic === 'succeeds') {
						assert.equal(run.state, 'succeeded');
						return;
					}
					assert.deepEqual([run.state, run.imageId], ['failed', undefined]);
					assert.equal(drawFailure(record), own?.fails ?? fails, record.error?.message);
					const drawn = record.instructions.map(({ line, outcome }) => `${line} ${outcome}`).join(', ');
					assert.ok(drawn.endsWith(own?.outcomes ?? outcomes), `${drawn} is not ${own?.outcomes ?? outcomes}`);
				}));
		}

		it('keeps the end of the failed step\'s output, and of no other', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nRUN echo NONCE\nRUN printf '\\033[1mbold\\033[0m\\n'; for i in $(seq 200); do echo line $i; done; exit 1\n`,
		}, async ({ build }) => {
			const { record } = await build();
			assert.deepEqual(record.instructions.map(({ logTail }) => logTail?.split('\n').at(-1)), [undefined, undefined, 'line 200']);
			assert.ok(!record.instructions[2]!.logTail!.includes('\u001b'));
		}));

		it('builds with the engine\'s own frontend instead of one that cannot be fetched', () => inWorkshop(engine(), builder, {
			Dockerfile: `# syntax=localhost:1/strata-test/none:1\n# escape=\`\nFROM ${baseImage}\nRUN echo NONCE \`\n  && exit 3\n`,
		}, async ({ build }) => {
			const { record } = await build({ ownFrontend: true });
			assert.equal(drawFailure(record), 'instruction 4 3');
		}));

		it('leaves no container of a failed step', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nRUN echo NONCE; exit 1\n` }, async ({ build, nonce }) => {
			await build();
			assert.deepEqual((await engine().containers()).filter(({ command }) => command.includes(nonce)), []);
		}));

		it('ends its work in the engine when cancelled', () => inWorkshop(engine(), builder, {
			Dockerfile: `FROM ${baseImage}\nRUN echo NONCE\n${lasting}\nRUN echo never\n`,
		}, async ({ build, runner, nonce }) => {
			const abort = new AbortController();
			const subscription = whenBegun(runner, () => { abort.abort(); });
			const { run, record } = await build({}, abort.signal);
			subscription.dispose();
			const cancelledAt = Date.now();
			assert.deepEqual(record.instructions.map(({ outcome }) => outcome), ['metadata', 'ran', 'cancelled', 'notRun']);
			assert.deepEqual([run.state, record.state, record.error], ['cancelled', 'cancelled', undefined]);
			assert.equal(await until(async () => !(await processes()).some(line => line.includes(nonce)), cancelledAt + (endsWithItsClient ? 30_000 : 2000)), endsWithItsClient);
			assert.ok(await until(async () => !(await engine().containers()).some(({ command }) => command.includes(nonce)), cancelledAt + 30_000), 'its container is still there');
		}));

		it('can be cancelled by its id, and before it began', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\n${lasting}\n` }, async ({ build, runner }) => {
			const subscription = whenBegun(runner, id => { runner.cancel(id); });
			assert.equal((await build()).run.state, 'cancelled');
			subscription.dispose();
			assert.equal((await build({}, AbortSignal.abort())).run.state, 'cancelled');
			assert.deepEqual(runner.running, []);
		}));

		it('leaves nothing of a build context that was being sent as it was cancelled', async () => {
			const earlier = new Set((await uploadsIn(engine(), builder)).map(({ id }) => id));
			const cancelling = new AbortController();
			async function* cancelledOnTheWay(tar: Readable): AsyncGenerator<Buffer> {
				let sent = 0;
				for await (const chunk of tar as AsyncIterable<Buffer>) {
					yield chunk;
					sent += chunk.length;
					if (sent > 1 << 20) {
						cancelling.abort();
					}
				}
			}
			const watched: Engine = { ...engine(), build: (request, tar, signal) => engine().build(request, Readable.from(cancelledOnTheWay(tar), { objectMode: false }), signal) };
			await inWorkshop(watched, builder, { Dockerfile: `FROM ${baseImage}\nCOPY . /\n`, large: randomBytes(8 << 20) }, async ({ build }) => {
				assert.equal((await build({}, cancelling.signal)).run.state, 'cancelled');
			});
			const left = (await uploadsIn(engine(), builder)).filter(({ id }) => !earlier.has(id));
			assert.ok(left.length === 0 || !traitsOf(test).keepsCacheOnPrune, JSON.stringify(left));
		});

		it('keeps what was seen when the engine goes away, and removes the upload when it is back', async () => {
			const earlier = new Set((await uploadsIn(engine(), builder)).map(({ id }) => id));
			const bridge = await bridgeTo(test.host);
			try {
				const far = await createDockerEngine({ ...endpointOf(test), url: bridge.url });
				await inWorkshop(far, builder, { Dockerfile: `FROM ${baseImage}\nRUN echo NONCE\n${lasting}\nRUN echo never\n` }, async ({ build, runner, uploads, nonce }) => {
					const subscription = whenBegun(runner, () => { bridge.cut(); });
					const { run, record } = await build();
					subscription.dispose();
					assert.deepEqual([run.state, record.error?.kind], ['failed', 'engineGone']);
					assert.deepEqual(record.instructions.map(({ outcome }) => outcome), ['metadata', 'ran', 'unfinished', 'notRun']);
					const isOver = async (): Promise<boolean> => ![...await processes(), ...(await engine().containers()).map(({ command }) => command)].some(line => line.includes(nonce));
					assert.ok(await until(isOver, Date.now() + 30_000), 'the engine goes on with a build whose client is gone');
					await uploads.resume(engine(), await engine().info());
					const isLeft = builder === 'buildkit' && !traitsOf(test).keepsCacheOnPrune;
					assert.equal((await uploadsIn(engine(), builder)).filter(({ id }) => !earlier.has(id)).length, isLeft ? 1 : 0);
				}, engine());
			} finally {
				bridge.cut();
			}
		});

		it('has no Dockerfile', () => inWorkshop(engine(), builder, {}, async ({ build, folder }) => {
			await assert.rejects(build(), (error: unknown) => error instanceof ContextError && error.kind === 'missingDockerfile' && error.path === join(folder, 'Dockerfile'));
		}));

		it('has no build context', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\n` }, async ({ build, folder }) => {
			const { record } = await build({ contextPath: join(folder, 'gone'), dockerfilePath: join(folder, 'Dockerfile') });
			assert.deepEqual(record.error?.context, { kind: 'missingContext', path: join(folder, 'gone') });
		}));

		it('names the file of the context that cannot be read', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nCOPY . /x\n` }, async ({ build, folder }) => {
			// A name that is no UTF-8 can be listed, but not asked for.
			writeFileSync(Buffer.concat([Buffer.from(join(folder, 'bad-')), Buffer.from([0xff])]), '');
			const { run, record } = await build();
			assert.deepEqual([run.state, record.error?.kind, record.error?.context], ['failed', 'context', { kind: 'unreadable', path: 'bad-\uFFFD' }]);
		}));
	});
});

/** Once `lasting` runs. A moment before, while it is started, Docker 26.1 overlooks that it should end, and goes on with it. */
function whenBegun(runner: BuildRunner, then: (id: string) => void): Disposable {
	return runner.onDidReceive(({ id, event }) => {
		if (event.kind === 'log' && /^begun$/m.test(Buffer.from(event.data).toString())) {
			then(id);
		}
	});
}

function drawFailure({ error }: Built['record']): string {
	return error === undefined ? 'none' : `${error.kind} ${error.line ?? '-'} ${error.exitCode ?? '-'}`;
}

/** Command lines of all processes of this machine, where it shows them. */
async function processes(): Promise<readonly string[]> {
	const ids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name) && Number(name) !== process.pid);
	return Promise.all(ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
}

async function until(holds: () => Promise<boolean>, deadline: number): Promise<boolean> {
	while (!await holds()) {
		if (Date.now() > deadline) {
			return false;
		}
		await new Promise(resolve => { setTimeout(resolve, 20); });
	}
	return true;
}

