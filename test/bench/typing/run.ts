import { cpus, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { writeSection } from '../../../scripts/lib/benchReport.mjs';
import { keyPresses, manyStages, oneStage } from './longDockerfile';
import { forecastWorld } from '../../support/forecastWorld';

/**
 * `npm run bench:typing`: key presses in Dockerfiles of 1,000 lines with a context of 20,000 files. Measures what a key
 * press waits for (facts and forecast of all lines), and how long anything else holds the editor's extension host up in
 * between. Writes its section of test/bench/README.md.
 */
const files = 20_000;
/** A quick typist's pause between two keys, milliseconds; after the last of a part comes one as long as the store gathers. */
const pauses = { key: 40, part: 700 };
const rounds = 2;
const frameMs = 16;

/** Milliseconds. */
interface Press {
	readonly took: number;
	/** Of all threads, so that the collection of garbage beside the key press counts too; what other processes do does not. */
	readonly cpu: number;
}

interface Measured {
	/** Of each key press, by part of the script. */
	readonly presses: ReadonlyMap<string, readonly Press[]>;
	/** Longest time that anything held the event loop between two key presses, milliseconds. */
	readonly longestHoldMs: number;
	readonly engineCalls: number;
	readonly hashedInMs: number;
}

async function measure(text: string): Promise<Measured> {
	await using world = await forecastWorld(text, files);
	const began = performance.now();
	await world.build();
	const hashedInMs = performance.now() - began;
	const window = world.open();
	try {
		await window.until(() => window.lineFacts.facts(world.path, text).outlook !== undefined);
		const presses = new Map<string, Press[]>();
		let engineCalls = 0;
		const delay = monitorEventLoopDelay({ resolution: 1 });
		let longestHoldMs = 0;
		for (let round = 0; round < rounds; round++) {
			let part = '';
			for (const press of keyPresses(text)) {
				if (press.part !== part) {
					part = press.part;
					await setTimeout(pauses.part);
				}
				delay.disable();
				const before = world.calls();
				const used = process.cpuUsage();
				const begin = performance.now();
				window.lineFacts.facts(world.path, press.text);
				const took = performance.now() - begin;
				const { user, system } = process.cpuUsage(used);
				engineCalls += world.calls() - before;
				presses.set(part, [...presses.get(part) ?? [], { took, cpu: (user + system) / 1000 }]);
				delay.enable();
				await setTimeout(pauses.key);
				longestHoldMs = Math.max(longestHoldMs, delay.max / 1e6);
				delay.reset();
			}
		}
		return { presses, longestHoldMs, engineCalls, hashedInMs };
	} finally {
		window.close();
	}
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

function percentile(presses: readonly Press[], what: keyof Press, part: number): string {
	const sorted = presses.map(press => press[what]).sort((a, b) => a - b);
	return ms(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
}

async function main(): Promise<void> {
	const measured = [['8 stages, comments, 100 variables', await measure(manyStages())], ['one stage, 333 variables', await measure(oneStage())]] as const;
	const rows = measured.flatMap(([name, { presses }]) => [
		...[...presses].map(([part, all]) => ({ name, part, all })),
		{ name, part: '**all**', all: [...presses.values()].flat() },
	]);
	const [cpu] = cpus();
	const text = `
## Typing

\`npm run bench:typing\`: key presses in two Dockerfiles of 1,000 lines that were built once, with ${files.toLocaleString('en')} files in the build context.
A key press waits for the facts of all lines, and for their forecast where both take no more than 7 ms; else the lines keep the
forecast from before the edit until the typing pauses for 80 ms. ${String(frameMs)} ms are one frame. ${String(cpus().length)} × ${cpu?.model.trim() ?? 'unknown'}, ${String(Math.round(totalmem() / 1e9))} GB; load of the machine
meanwhile: ${(loadavg()[0] ?? 0).toFixed(1)}. What other processes do is in the times, not in those of the CPU.

| Dockerfile | typing | key presses | p50 | p99 | CPU p50 | CPU p99 |
|---|---|---:|---:|---:|---:|---:|
${rows.map(({ name, part, all }) => `| ${name} | ${part} | ${String(all.length)} | ${percentile(all, 'took', 0.5)} | ${percentile(all, 'took', 0.99)} | ${percentile(all, 'cpu', 0.5)} | ${percentile(all, 'cpu', 0.99)} |`).join('\n')}

${measured.map(([name, { longestHoldMs, engineCalls, hashedInMs }]) => `${name}: between key presses nothing held the extension host longer than ${ms(longestHoldMs)}; ${String(engineCalls)} engine calls by key presses; making the first record, with all files hashed, took ${(hashedInMs / 1000).toFixed(1)} s.`).join('\n\n')}
`;
	await writeSection('typing', text);
	process.stdout.write(text);
}

main().catch((error: unknown) => {
	process.stderr.write(`${String(error)}\n`);
	process.exitCode = 1;
});
