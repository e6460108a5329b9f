import { execFile, spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import Docker from 'dockerode';
import { build } from 'esbuild';
import { writeSection } from '../../../scripts/lib/benchReport.mjs';
import { formatBytes } from '../../../src/core/base/bytes';
import { writeBigArchive } from './bigArchive';
import { diveVersion, runDive, type DiveRun } from './dive';

/**
 * `npm run bench:layers [-- --host HOST] [--entries N] [--rounds N]`: generated images, loaded into the engine at HOST (default: the
 * newest test engine, else DOCKER_HOST), measured and removed again. Writes its section of test/bench/README.md, unless
 * only one size is asked for.
 */
const images = [
	{ entries: 10_000, bytes: 400_000_000, rounds: 3 },
	{ entries: 100_000, bytes: 600_000_000, rounds: 3 },
	{ entries: 500_000, bytes: 2_000_000_000, rounds: 1 },
];

interface Measured {
	readonly ms: number;
	readonly cpuMs: number;
	readonly peakBytes: number;
	/** The longest that the event loop was held. */
	readonly heldMs: number;
	readonly [fact: string]: number;
}

const run = promisify(execFile);

/** The measurements as they are shipped, with the thread that reads layers beside them. */
async function bundled(folder: string): Promise<string> {
	const layers = join(import.meta.dirname, '../../../src/services/layerThreadProgram.ts');
	await build({
		entryPoints: { measure: join(import.meta.dirname, 'measure.ts'), layers }, outdir: folder,
		bundle: true, platform: 'node', format: 'cjs', target: 'node20', external: ['*.node', 'cpu-features'], logLevel: 'error',
	});
	return join(folder, 'measure.js');
}

/** Takes a file out of the page cache; false where the system offers no way. */
function forget(path: string): boolean {
	return spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0']).status === 0;
}

type Measure = (name: string, target?: string, host?: string, folder?: string) => Promise<Measured>;

/**
 * Alternates the measurements, so that what else the machine does meets all of them. The quickest of each counts: others
 * can only add to it.
 */
async function alternately(measure: Measure, rounds: number, names: readonly string[], target: string, { host = '', store = '', before = (): unknown => undefined } = {}): Promise<readonly Measured[]> {
	const found = names.map((): Measured[] => []);
	for (let round = 0; round < rounds; round++) {
		for (const [at, name] of names.entries()) {
			before();
			found[at]!.push(await measure(name, target, host, store));
		}
	}
	return found.map(all => quickest(all, 'ms'));
}

function quickest(all: readonly Measured[], by: string): Measured {
	return all.reduce((best, each) => each[by]! < best[by]! ? each : best);
}

function newestEngine(): string {
	const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly host: string }[];
	return engines.at(-1)?.host ?? process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
}

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { host: { type: 'string' }, entries: { type: 'string' }, rounds: { type: 'string' } } });
	const host = values.host ?? newestEngine();
	const docker = new Docker({ host: undefined, socketPath: host.replace(/^unix:\/\//, '') });
	const { Version: version, KernelVersion: kernel } = await docker.version();
	const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'));
	const rows: string[] = [];
	const known: string[] = [];
	const program = await bundled(folder);
	const measure: Measure = async (name, target = '', at = '', store = '') => {
		const { stdout } = await run(process.execPath, [program, name, target, at, store]);
		return JSON.parse(stdout) as Measured;
	};
	const idle = await measure('idle');
	const memory = (measured: Measured): string => `${Math.round((measured.peakBytes - idle.peakBytes) / 1e6)} MB`;
	const dive = diveVersion();
	try {
		for (const { entries, bytes, rounds: usualRounds } of images.filter(image => values.entries === undefined || image.entries === Number(values.entries))) {
			const rounds = Number(values.rounds ?? usualRounds);
			const reference = `strata-test/layers-bench:${entries}`;
			const archive = join(folder, 'image.tar');
			const zipped = `${archive}.gz`;
			const store = join(folder, 'store');
			await writeBigArchive(archive, { entries, bytes, reference });
			await pipeline(createReadStream(archive), createGzip({ level: 1 }), createWriteStream(zipped));
			const label = `${entries.toLocaleString('en')} entries, ${formatBytes((await stat(archive)).size)}`;
			const add = (what: string, [base, ours]: readonly Measured[]): void => {
				const row = `| ${label} | ${what} | ${Math.round(base!.ms)} ms | ${Math.round(ours!.ms)} ms | ${(ours!.ms / base!.ms).toFixed(2)} | ${Math.round(base!.cpuMs)} / ${Math.round(ours!.cpuMs)} ms | ${Math.round(ours!.heldMs)} ms | ${memory(ours!)} |`;
				rows.push(row);
				process.stderr.write(`${row}\n`);
			};
			if (forget(archive)) {
				add('archive on disk, plain, cold: read / seek', await alternately(measure, rounds, ['drainFile', 'indexFile'], archive, { before: () => forget(archive) }));
			}
			add('archive on disk, plain, warm: read / seek', await alternately(measure, rounds, ['drainFile', 'indexFile'], archive));
			add('archive on disk, gzip: inflate / index', await alternately(measure, rounds, ['drainGzip', 'indexGzip'], zipped));
			await rm(zipped);
			try {
				await load(docker, archive);
				// An image is read once in its life: each round begins without what the last one kept.
				const save = await alternately(measure, rounds, ['drainSave', 'indexSave'], reference, { host, store, before: () => { rmSync(store, { recursive: true, force: true }); } });
				add('engine, `save`: drain / index', save);
				if (dive !== undefined) {
					rows.push(await diveRow(label, rounds, () => runDive(reference, host, folder), save[1]!));
				}
				const again: Measured[] = [];
				for (let round = 0; round < 2 * rounds; round++) {
					again.push(await measure('known', reference, host, store));
				}
				const best = quickest(again, 'firstRowMs');
				known.push(`| ${label} | ${best['firstRowMs']!.toFixed(0)} ms | ${quickest(again, 'slowestExpandMs')['slowestExpandMs']!.toFixed(1)} ms | ${quickest(again, 'wasteMs')['wasteMs']!.toFixed(0)} ms | ${memory(best)} |`);
				process.stderr.write(`${known.at(-1)!}\n`);
			} finally {
				await docker.getImage(reference).remove({ force: true }).catch(() => undefined);
			}
		}
	} finally {
		await rm(folder, { recursive: true });
	}
	const [load1] = loadavg();
	const text = [
		[
			`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? ''}), ${formatBytes(totalmem())} of memory, Linux ${firstNumbers(kernel)}, Docker ${firstNumbers(version)}; load of the machine at the end ${load1!.toFixed(1)}.`,
			`Each measured in a process of its own, ${images.map(({ rounds }) => values.rounds ?? rounds).join(', ')} rounds in turn, the quickest counts; CPU is that of all its threads; memory is the peak over an idle process (${Math.round(idle.peakBytes / 1e6)} MB).`,
			'*Without Strata* the same process gets the same bytes through Node\'s own client or stream and drops each piece as it comes.',
			'*Held* is the longest that Strata kept the event loop, which in the editor is that of all extensions, from other work.',
			dive === undefined
				? '`dive` was not on PATH: no comparison with it.'
				: `With ${dive} the same image is read from the same engine; its time has in it its score and a list of all files as JSON, Strata's the index that it keeps, without the waste, which is in the second table.`,
		].join(' '),
		'', '| image | what | without Strata | with | ratio | CPU, without / with | held | memory |', '|---|---|---|---|---|---|---|---|', ...rows,
		'', 'All layers known: no layer is asked of the engine. The slowest folder of an image holds a tenth of its entries.', '',
		'| image | first rows | slowest folder | waste | memory |', '|---|---|---|---|---|', ...known,
	].join('\n');
	process.stdout.write(`${text}\n`);
	if (values.entries === undefined) {
		await writeSection('layers', `## Layers\n\n\`npm run bench:layers\`: ${text}`);
	}
}

/** As many rounds as Strata has. A dive that fails is part of the comparison, not its end. */
async function diveRow(label: string, rounds: number, run: () => Promise<DiveRun>, ours: Measured): Promise<string> {
	const start = `| ${label} | engine: dive / Strata |`;
	try {
		let best = await run();
		for (let round = 1; round < rounds; round++) {
			const next = await run();
			best = next.ms < best.ms ? next : best;
		}
		const { ms, cpuMs, peakBytes } = best;
		const memory = `${peakBytes === undefined ? '?' : Math.round(peakBytes / 1e6)} / ${Math.round(ours.peakBytes / 1e6)} MB, all of both processes`;
		return `${start} ${Math.round(ms)} ms | ${Math.round(ours.ms)} ms | ${(ours.ms / ms).toFixed(2)} | ${cpuMs ?? '?'} / ${Math.round(ours.cpuMs)} ms | | ${memory} |`;
	} catch (error) {
		return `${start} failed: ${String(error).replace(/\s+/g, ' ').replaceAll('|', '/')} | ${Math.round(ours.ms)} ms | | | | |`;
	}
}

/** What distributions add to a version says nothing here. */
function firstNumbers(version: string | undefined): string {
	return /^[\d.]+\d/.exec(version ?? '')?.[0] ?? '';
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

main().catch((error: unknown) => {
	process.stderr.write(`${String(error)}\n`);
	process.exitCode = 1;
});
