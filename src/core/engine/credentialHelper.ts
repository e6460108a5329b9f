import { spawn } from 'node:child_process';

/** A helper may ask the person to unlock a key ring. */
const timeoutMs = 60_000;

/** No credential is longer; what is longer is not kept. */
const longestAnswer = 1024 * 1024;

/** Runs `docker-credential-<helper> get` (docker/docker-credential-helpers): the registry on its input, JSON on its output. */
export function askCredentialHelper(helper: string, registry: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const program = spawn(`docker-credential-${helper}`, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true, timeout: timeoutMs });
		let answer = '';
		program.stdout.setEncoding('utf8').on('data', (text: string) => {
			answer += text;
			if (answer.length > longestAnswer) {
				program.kill();
			}
		});
		program.once('error', reject);
		program.once('close', code => {
			if (code === 0) {
				resolve(answer);
			} else {
				// Without its words: a helper may repeat what it was asked to keep.
				reject(new Error(`docker-credential-${helper}: ${code ?? 'killed'}`));
			}
		});
		program.stdin.on('error', () => undefined);
		program.stdin.end(registry);
	});
}
