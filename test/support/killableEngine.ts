import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startEngine } from '../../scripts/lib/engines.mjs';
import { createDockerEngine } from '../../src/core/engine/dockerEngine';
import type { Engine } from '../../src/core/engine/engine';
import { endpointOf, type TestEngine } from './engines';

/** An engine of a test's own, for faults that no engine may suffer that others use. */
export interface KillableEngine {
	readonly test: TestEngine;
	readonly engine: Engine;
	/** No word of farewell, as in a crash. */
	kill(): void;
	/** It is back, on the data that the killed one left. */
	rise(): Promise<void>;
	[Symbol.asyncDispose](): Promise<void>;
}

/** @param args further arguments of the daemon, from its first rise on */
export async function startKillableEngine(version: '20.10' | '28.5', args: readonly string[]): Promise<KillableEngine> {
	const started = await startEngine(version);
	const folder = dirname(started.host.replace(/^unix:\/\//, ''));
	// containerd goes with it, as in a power cut: one that lives on is what the next daemon waits for.
	const pids = (): readonly number[] => ['d.pid', 'exec/containerd/containerd.pid'].map(file => Number(readFileSync(join(folder, file), 'utf8')));
	const [pid] = pids();
	const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter(word => word !== '');
	const environment = Object.fromEntries((await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter(line => line.includes('=')).map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
	const hasOwnNetwork = await readlink(`/proc/${pid}/ns/net`) !== await readlink('/proc/self/ns/net');
	let killed: readonly number[] = [];
	const [program = '', ...given] = [...hasOwnNetwork ? ['unshare', '--net'] : [], ...command, ...args];
	const engine = await createDockerEngine(endpointOf(started));
	return {
		test: started, engine,
		kill: () => {
			killed = pids();
			killed.forEach(one => { process.kill(one, 'SIGKILL'); });
		},
		rise: async () => {
			while (killed.some(one => existsSync(`/proc/${one}`))) {
				await setTimeout(10);
			}
			spawn(program, given, { env: environment, stdio: 'ignore', detached: true }).unref();
			for (const end = Date.now() + 30_000; ;) {
				const isThere = await engine.info().then(() => true, () => false);
				if (isThere) {
					break;
				}
				if (Date.now() > end) {
					throw new Error('The engine did not come back.');
				}
				await setTimeout(50);
			}
		},
		[Symbol.asyncDispose]: () => started.stop(),
	};
}
