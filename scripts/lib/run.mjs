import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Runs a command to its end. Resolves with its stdout; rejects with the tail of what it said.
 * `show` passes the output through instead of collecting it.
 */
export function run(command, args, { show = false, input, ...options } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: [input ?? 'ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'], ...options });
		let stdout = '';
		let tail = '';
		const collect = chunk => { tail = (tail + chunk).slice(-4000); };
		child.stdout?.on('data', chunk => { stdout += chunk; collect(chunk); });
		child.stderr?.on('data', collect);
		child.on('error', reject);
		child.on('close', code => code === 0
			? resolve(stdout)
			: reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${tail}`.trimEnd())));
	});
}

/** Asks until the answer is truthy and returns it. `what` completes the sentence "waited N s for …". */
export async function until(what, seconds, ask, everyMs = 50) {
	const deadline = Date.now() + seconds * 1000;
	for (;;) {
		const answer = await ask();
		if (answer) {
			return answer;
		}
		if (Date.now() > deadline) {
			throw new Error(`Waited ${seconds} s for ${what}.`);
		}
		await wait(everyMs);
	}
}

export function alive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

/** Ends a process (or, with a negative id, a process group): asked first, forced when it does not listen. */
export async function end(pid, seconds = 10) {
	const send = signal => {
		try {
			process.kill(pid, signal);
		} catch (error) {
			if (error.code !== 'ESRCH') {
				throw error;
			}
		}
	};
	send('SIGTERM');
	try {
		await until(`process ${pid} to end`, seconds, () => !alive(pid));
	} catch {
		send('SIGKILL');
		await until(`process ${pid} to be killed`, 5, () => !alive(pid));
	}
}

export function onPath(program) {
	return run(process.platform === 'win32' ? 'where' : 'which', [program]).then(found => found.split(/\r?\n/)[0], () => undefined);
}
