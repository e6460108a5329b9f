import assert from 'node:assert/strict';
import type { RunRequest } from '../../src/core/engine/containerCalls';
import type { Engine } from '../../src/core/engine/engine';
import { engineRequest } from '../support/engineRequest';
import { baseImage, forEachEngine } from '../support/engines';
import { traitsOf } from '../support/engineTraits';

const signal = new AbortController().signal;

const plain: RunRequest = {
	image: baseImage, name: undefined, entrypoint: undefined, command: undefined, env: {}, ports: [], volumes: [], interactive: false, removeWhenStopped: false, network: 'none',
};

describe('containers', function () {
	this.timeout(60_000);

	forEachEngine((engine, test) => {
		it('run with what was asked for, are read, stopped and removed', async () => {
			const command = ['sh', '-c', 'echo "$GREETING from $(hostname -s >/dev/null; id -u)"; echo oops >&2; ls -d /data; sleep 300'];
			await withRun(engine(), { ...plain, command, env: { GREETING: 'hello' }, volumes: ['/tmp:/data:ro'], name: `strata-test-run-${process.pid}` }, async id => {
				await engine().startContainer(id);
				const lines: string[] = [];
				for await (const chunk of engine().containerLogs(id, { follow: true, lines: 10 }, signal)) {
					lines.push(...chunk.toString().trim().split('\n'));
					if (lines.length === 3) {
						break;
					}
				}
				assert.deepEqual(lines.sort(), ['/data', 'hello from 0', 'oops']);
				const { name, state } = await engine().container(id);
				assert.deepEqual({ name, state }, { name: `strata-test-run-${process.pid}`, state: 'running' });
				await assert.rejects(engine().createContainer({ ...plain, name }), { reason: 'conflict' });
				await assert.rejects(engine().removeContainer(id), { reason: 'conflict' });
				await engine().removeContainer(id, { force: true });
				await assert.rejects(engine().container(id), { reason: 'notFound' });
			});
		});

		it('are typed to, and tell how they ended', async () => {
			await withRun(engine(), { ...plain, command: ['sh'], interactive: true, removeWhenStopped: false }, async id => {
				const terminal = await engine().attachContainer(id, signal);
				await engine().startContainer(id);
				await terminal.resize(101, 33);
				terminal.stream.write('stty size; exit 7\n');
				let said = '';
				for await (const chunk of terminal.stream as AsyncIterable<Buffer>) {
					said += chunk.toString();
				}
				assert.match(said, /33 101/);
				assert.equal(await terminal.exitCode(), 7);
			});
		});

		it('take a shell beside their own process', async () => {
			await withRun(engine(), { ...plain, command: ['sleep', '300'] }, async id => {
				await engine().startContainer(id);
				const shell = await engine().execInContainer(id, ['/bin/sh'], signal);
				shell.stream.write('echo made-$((40+2)) > /made; cat /made; exit 3\n');
				let said = '';
				for await (const chunk of shell.stream as AsyncIterable<Buffer>) {
					said += chunk.toString();
				}
				assert.match(said, /^made-42/m);
				assert.equal(await shell.exitCode(), 3);
				assert.deepEqual((await engine().changes(id)).filter(({ path }) => path === '/made'), [{ path: '/made', change: 'added' }]);
				await engine().removeContainer(id, { force: true });
			});
		});

		it('start again, and go on after a pause', async () => {
			await withRun(engine(), { ...plain, command: ['sh', '-c', 'trap "exit 0" TERM; echo begun; sleep 300 & wait'] }, async id => {
				const logged = async (lines: number): Promise<void> => {
					let said = '';
					for await (const chunk of engine().containerLogs(id, { follow: true, lines: 10 }, signal)) {
						said += chunk.toString();
						if (said === 'begun\n'.repeat(lines)) {
							return;
						}
					}
				};
				await engine().startContainer(id);
				await logged(1);
				await engine().restartContainer(id);
				await logged(2);
				await engineRequest(engine().endpoint.url, 'POST', `/containers/${id}/pause`);
				if (traitsOf(test).pauses) {
					assert.equal((await engine().container(id)).state, 'paused');
					await engine().unpauseContainer(id);
				} else {
					await assert.rejects(engine().unpauseContainer(id), /not paused/);
				}
				assert.equal((await engine().container(id)).state, 'running');
			});
		});

		it('that cannot start say why', async () => {
			await withRun(engine(), { ...plain, command: ['/no/such/program'] }, async id => {
				await assert.rejects(engine().startContainer(id), /no such file/);
			});
			await assert.rejects(engine().createContainer({ ...plain, image: 'strata-test/none:1' }), { reason: 'notFound' });
		});
	});
});

async function withRun(engine: Engine, request: RunRequest, use: (id: string) => Promise<void>): Promise<void> {
	const id = await engine.createContainer(request);
	try {
		await use(id);
	} finally {
		await engine.removeContainer(id, { force: true, volumes: true }).catch(() => undefined);
	}
}
