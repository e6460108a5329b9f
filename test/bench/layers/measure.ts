import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { Engine } from '../../../src/core/engine/engine';
import { exploreImage } from '../../../src/core/exploredImage';
import { openArchive } from '../../../src/core/layers/archiveFile';
import { readImage } from '../../../src/core/layers/imagePlan';
import { defaultLimits } from '../../../src/core/layers/limits';
import { childrenOf, totalsOf } from '../../../src/core/layers/tree';
import { layerThread } from '../../../src/services/layerThread';
import { LayerStore } from '../../../src/services/layerStore';

/**
 * One measurement in a process of its own, so that its memory is its own: prints one line of JSON. Milliseconds are
 * those of the work, without starting Node; bytes are the process's peak; `cpuMs` is what all its threads took; `heldMs`
 * is how long the event loop was held at the most.
 */
const measures: Readonly<Record<string, (target: string, host: string, folder: string) => Promise<Readonly<Record<string, number>>>>> = {
	idle: () => Promise.resolve({}),

	drainSave: async (reference, host) => drained(await (await engineAt(host)).saveImage(reference, new AbortController().signal)),

	/** As a person gets it, with the indexes kept on disk for `known`. */
	indexSave: async (reference, host, folder) => {
		await storeIn(folder).load({ kind: 'engine', reference }, () => engineAt(host));
		return {};
	},

	drainFile: path => drained(createReadStream(path, { highWaterMark: 256 << 10 })),

	indexFile: async path => {
		const archive = await openArchive(path);
		await readImage(archive, {}, defaultLimits);
		await archive.close();
		return {};
	},

	drainGzip: path => drained(createReadStream(path, { highWaterMark: 256 << 10 }).pipe(createGunzip())),

	indexGzip: async path => {
		await readStream(() => createReadStream(path, { highWaterMark: 256 << 10 }), {});
		return {};
	},

	known: async (reference, host, folder) => {
		const engine = await engineAt(host);
		const silent: Engine = { ...engine, saveImage: () => Promise.reject(new Error('The layers should be known.')) };
		const startedAt = performance.now();
		const explored = exploreImage(await storeIn(folder).load({ kind: 'engine', reference }, () => Promise.resolve(silent)));
		const top = explored.stack.length - 1;
		const rows = explored.changes(top);
		rows.children(rows.root).map(row => rows.totals(row));
		const firstRowMs = performance.now() - startedAt;
		let slowestMs = 0;
		const pending = [explored.root(top)];
		for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
			const at = performance.now();
			const children = childrenOf(explored.stack, node);
			children.forEach(child => totalsOf(explored.stack, child));
			slowestMs = Math.max(slowestMs, performance.now() - at);
			pending.push(...children.filter(({ kind }) => kind === 'directory').slice(0, 50));
		}
		const wasteAt = performance.now();
		explored.waste();
		return { firstRowMs, slowestExpandMs: slowestMs, wasteMs: performance.now() - wasteAt };
	},
};

/** The quickest that a stream can be got rid of: iterating over it would copy and await its pieces. */
async function drained(stream: Readable): Promise<Readonly<Record<string, number>>> {
	let bytes = 0;
	stream.on('data', (chunk: Buffer) => { bytes += chunk.length; });
	await finished(stream, { writable: false });
	return { bytes };
}

const readStream = layerThread(join(__dirname, 'layers.js'), fail);

function fail(message: string): void {
	throw new Error(message);
}

function engineAt(host: string): Promise<Engine> {
	return createDockerEngine({ url: host, origin: 'setting', name: undefined, tls: undefined });
}

function storeIn(folder: string): LayerStore {
	return new LayerStore({ folder, readStream, log: fail });
}

const [, , name = '', target = '', host = '', folder = ''] = process.argv;
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
// A delay of a timer of 1 ms is none.
const held = monitorEventLoopDelay({ resolution: 1 });
held.enable();
measures[name]!(target, host, folder).then(found => {
	const ms = performance.now() - startedAt;
	const { user, system } = process.cpuUsage(cpuBefore);
	process.stdout.write(`${JSON.stringify({ ms, heldMs: held.max / 1e6, cpuMs: (user + system) / 1000, peakBytes: process.resourceUsage().maxRSS * 1024, ...found })}\n`);
	process.exit(0);
}, (error: unknown) => {
	process.stderr.write(`${String(error)}\n`);
	process.exit(1);
});
