import { execFile, spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import Docker from 'dockerode';
import { formatBytes } from '../../../src/core/base/bytes';
import { writeBigArchive } from './bigArchive';

/**
 * `npm run bench:layers [-- --host HOST] [--entries N]`: generated images, loaded into the engine at HOST (default: the
 * newest test engine, else DOCKER_HOST), measured and removed again. Writes its section of test/bench/README.md, unless
 * only one size is asked for.
 */
const images = [
	{ entries: 10_000, bytes: 40_000_000 },
	{ entries: 100_000, bytes: 600_000_000 },
	{ entries: 500_000, bytes: 2_000_000_000 },
];
const rounds = 3;

interface Measured {
	readonly ms: number;
	readonly peakBytes: number;
	readonly [fact: string]: number;
}

const run = promisify(execFile);

async function measure(name: string, target = '', host = '', folder = ''): Promise<Measured> {
	const { stdout } = await run(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'measure.ts'), name, target, host, folder]);
	return JSON.parse(stdout) as Measured;
}

/** Alternates the measurements, so that what else the machine does meets all of them; the median of each. */
async function alternately(names: readonly string[], target: string, host = ''): Promise<Readonly<Record<string, Measured>>> {
	const found: Record<string, Measured[]> = {};
	for (let round = 0; round < rounds; round++) {
		for (const name of names) {
			(found[name] ??= []).push(await measure(name, target, host));
		}
	}
	return Object.fromEntries(Object.entries(found).map(([name, all]) => [name, all.sort((left, right) => left.ms - right.ms)[Math.floor(rounds / 2)]!]));
}

function newestEngine(): string {
	const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly host: string }[];
	return engines.at(-1)?.host ?? process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
}

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { host: { type: 'string' }, entries: { type: 'string' } } });
	const host = values.host ?? newestEngine();
	const docker = new Docker({ host: undefined, socketPath: host.replace(/^unix:\/\//, '') });
	const { Version: version, KernelVersion: kernel } = await docker.version();
	const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'));
	const rows: string[] = [];
	const known: string[] = [];
	const idle = await measure('idle');
	const memory = (measured: Measured): string => `${Math.round((measured.peakBytes - idle.peakBytes) / 1e6)} MB`;
	const hasDive = spawnSync('dive', ['--version']).status === 0;
	try {
		for (const { entries, bytes } of images.filter(image => values.entries === undefined || image.entries === Number(values.entries))) {
			const reference = `strata-test/layers-bench:${entries}`;
			const archive = join(folder, 'image.tar');
			const zipped = `${archive}.gz`;
			await writeBigArchive(archive, { entries, bytes, reference });
			await pipeline(createReadStream(archive), createGzip({ level: 6 }), createWriteStream(zipped));
			const label = `${entries.toLocaleString('en')} entries, ${formatBytes((await stat(archive)).size)}`;
			const add = (what: string, base: Measured, ours: Measured): void => {
				const row = `| ${label} | ${what} | ${Math.round(base.ms)} ms | ${Math.round(ours.ms)} ms | ${(ours.ms / base.ms).toFixed(2)} | ${memory(ours)} |`;
				rows.push(row);
				process.stderr.write(`${row}\n`);
			};
			const file = await alternately(['drainFile', 'indexFile'], archive);
			add('archive on disk, plain: read / seek', file['drainFile']!, file['indexFile']!);
			const gzip = await alternately(['drainGzip', 'indexGzip'], zipped);
			add('archive on disk, gzip: inflate / index', gzip['drainGzip']!, gzip['indexGzip']!);
			try {
				await load(docker, archive);
				const save = await alternately(['drainSave', 'indexSave'], reference, host);
				add('engine, `save`: drain / index', save['drainSave']!, save['indexSave']!);
				if (hasDive) {
					const startedAt = performance.now();
					const dive = spawnSync('/usr/bin/time', ['-f', '%M', 'dive', '--json', join(folder, 'dive.json'), reference], { env: { ...process.env, DOCKER_HOST: host } });
					rows.push(`| ${label} | dive / Strata | ${Math.round(performance.now() - startedAt)} ms, ${Math.round(Number(String(dive.stderr).trim().split('\n').at(-1)) / 1000)} MB | ${Math.round(save['indexSave']!.ms)} ms | | ${memory(save['indexSave']!)} |`);
				}
				const store = join(folder, 'store');
				await measure('load', reference, host, store);
				const again: Measured[] = [];
				for (let round = 0; round < rounds; round++) {
					again.push(await measure('known', reference, host, store));
				}
				const middle = again.sort((left, right) => left['firstRowMs']! - right['firstRowMs']!)[1]!;
				known.push(`| ${label} | ${middle['firstRowMs']!.toFixed(0)} ms | ${middle['slowestExpandMs']!.toFixed(1)} ms | ${middle['wasteMs']!.toFixed(0)} ms | ${memory(middle)} |`);
				await rm(store, { recursive: true });
			} finally {
				await docker.getImage(reference).remove({ force: true }).catch(() => undefined);
			}
		}
	} finally {
		await rm(folder, { recursive: true });
	}
	const text = [
		`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? ''}), ${formatBytes(totalmem())} of memory, Linux ${kernel ?? ''}, Docker ${version}. Medians of ${rounds} alternating rounds, each in a process of its own; memory is the peak over an idle process (${Math.round(idle.peakBytes / 1e6)} MB). ${hasDive ? '' : '`dive` was not on PATH.'}`.trim(),
		'', '| image | what | without Strata | with | ratio | memory |', '|---|---|---|---|---|---|', ...rows,
		'', 'All layers known: no layer is asked of the engine.', '', '| image | first rows | slowest folder | waste | memory |', '|---|---|---|---|---|', ...known,
	].join('\n');
	process.stdout.write(`${text}\n`);
	if (values.entries === undefined) {
		await writeSection(text);
	}
}

async function load(docker: Docker, archive: string): Promise<void> {
	const answer = await docker.loadImage(createReadStream(archive));
	let said = '';
	for await (const chunk of answer) {
		said += String(chunk);
	}
	if (!said.includes('Loaded image')) {
		throw new Error(`The engine did not load the image: ${said}`);
	}
}

async function writeSection(text: string): Promise<void> {
	const path = join(import.meta.dirname, '..', 'README.md');
	const before = await readFile(path, 'utf8').catch(() => '# Benchmarks\n');
	const [start, end] = ['<!-- layers -->', '<!-- /layers -->'];
	const section = `${start}\n${text}\n${end}`;
	const has = before.includes(start) && before.includes(end);
	await writeFile(path, has ? before.slice(0, before.indexOf(start)) + section + before.slice(before.indexOf(end) + end.length) : `${before.trimEnd()}\n\n## Layers (\`npm run bench:layers\`)\n\n${section}\n`);
}

main().catch((error: unknown) => {
	process.stderr.write(`${String(error)}\n`);
	process.exitCode = 1;
});
