import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Absent what the system does not tell. */
export interface DiveRun {
	readonly ms: number;
	readonly cpuMs?: number;
	readonly peakBytes?: number;
}

/** The version of the well-known explorer of layers, to be compared with; undefined where it is not on PATH. */
export function diveVersion(): string | undefined {
	const { status, stdout } = spawnSync('dive', ['--version'], { encoding: 'utf8' });
	return status === 0 ? stdout.trim() : undefined;
}

/**
 * Lets dive analyze an engine's image without its screen: reading it, its score and the list of all files as JSON.
 * Memory is the most of the process. Throws dive's own words where it fails.
 */
export async function runDive(reference: string, host: string, folder: string): Promise<DiveRun> {
	const analysis = join(folder, 'dive.json');
	const startedAt = performance.now();
	const dive = spawn('dive', ['--json', analysis, reference], { env: { ...process.env, DOCKER_HOST: host }, stdio: ['ignore', 'pipe', 'pipe'] });
	let said = '';
	for (const stream of [dive.stdout, dive.stderr]) {
		stream.on('data', (bytes: Buffer) => { said += String(bytes); });
	}
	let spent: Omit<DiveRun, 'ms'> = {};
	const watch = setInterval(() => { spent = spentBy(dive.pid!) ?? spent; }, 20);
	try {
		const [code] = await once(dive, 'close') as [number | null];
		const ms = performance.now() - startedAt;
		// Where an image breaks off, dive may say nothing and exit with 0.
		if (code !== 0 || !await access(analysis).then(() => true, () => false)) {
			throw new Error(`exit code ${code}, ${stripVTControlCharacters(said).trim()}`);
		}
		return { ms, ...spent };
	} finally {
		clearInterval(watch);
		await rm(analysis, { force: true });
	}
}

/**
 * Linux keeps the most memory that a process ever had (proc_pid_status(5), VmHWM), and the time of all its threads in
 * hundredths of a second (proc_pid_stat(5), utime and stime).
 */
function spentBy(pid: number): Omit<DiveRun, 'ms'> | undefined {
	try {
		const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
		const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').slice(11, 13);
		return kilobytes === undefined ? undefined : { peakBytes: Number(kilobytes) * 1024, cpuMs: (Number(utime) + Number(stime)) * 10 };
	} catch {
		return undefined;
	}
}
