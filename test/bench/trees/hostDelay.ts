import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../support/registry';

/** How long it took from one turn of the extension host's event loop to the next, since this was asked last. Milliseconds. */
export interface HostDelay {
	readonly p99: number;
	readonly longest: number;
}

export interface HostProbe {
	/** An extension to run beside Strata, in the same host. */
	readonly extensionPath: string;
	/** Waits until the host runs it. */
	ask(): Promise<HostDelay>;
}

/** Writes an extension that measures its host: the product has nothing of this. */
export async function hostProbe(folder: string): Promise<HostProbe> {
	const port = await freePort();
	const extensionPath = join(folder, 'probe');
	await mkdir(extensionPath);
	await writeFile(join(extensionPath, 'package.json'), JSON.stringify({
		name: 'probe', publisher: 'strata-bench', version: '1.0.0', engines: { vscode: '^1.90.0' }, main: 'probe.js', activationEvents: ['*'], extensionKind: ['workspace'],
	}));
	await writeFile(join(extensionPath, 'probe.js'), `
const delay = require('perf_hooks').monitorEventLoopDelay({ resolution: 1 });
exports.activate = () => {
	delay.enable();
	require('http').createServer((_, response) => {
		response.end(JSON.stringify({ p99: delay.percentile(99) / 1e6, longest: delay.max / 1e6 }));
		delay.reset();
	}).listen(${String(port)}, '127.0.0.1');
};
`);
	return {
		extensionPath,
		async ask() {
			for (const end = Date.now() + 60_000; ;) {
				const answer = await fetch(`http://127.0.0.1:${String(port)}`).catch((failure: unknown) => {
					if (Date.now() > end) {
						throw failure;
					}
					return undefined;
				});
				if (answer !== undefined) {
					return await answer.json() as HostDelay;
				}
				await setTimeout(100);
			}
		},
	};
}
