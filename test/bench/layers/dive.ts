import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

/** Whether the well-known explorer of layers is on PATH, to be compared with. */
export function hasDive(): boolean {
	return spawnSync('dive', ['--version']).status === 0;
}

/**
 * Lets dive analyze an engine's image without its screen. Memory is the most of the process, undefined where the system
 * does not tell. Throws dive's own words where it fails.
 */
export async function runDive(reference: string, host: string, folder: string): Promise<{ readonly ms: number; readonly peakBytes: number | undefined }> {
	const startedAt = performance.now();
	const dive = spawn('dive', ['--json', join(folder, 'dive.json'), reference], { env: { ...process.env, DOCKER_HOST: host }, stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	dive.stderr.on('data', (bytes: Buffer) => { said += String(bytes); });
	let peakBytes: number | undefined;
	const watch = setInterval(() => { peakBytes = peakOf(dive.pid!) ?? peakBytes; }, 20);
	try {
		const [code] = await once(dive, 'close') as [number | null];
		if (code !== 0) {
			throw new Error(said.trim());
		}
	} finally {
		clearInterval(watch);
	}
	return { ms: performance.now() - startedAt, peakBytes };
}

/** Linux keeps the most that a process ever had (proc_pid_status(5), VmHWM). */
function peakOf(pid: number): number | undefined {
	try {
		const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
		return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
	} catch {
		return undefined;
	}
}
