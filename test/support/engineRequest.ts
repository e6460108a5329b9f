import { request } from 'node:http';

/** One request to an engine at a socket, without a client: for tests in the editor, which bundle no engine client. Gives the status. */
export function engineRequest(host: string, method: 'GET' | 'DELETE' | 'POST', path: string): Promise<number> {
	const url = new URL(host.replace(/^tcp:/, 'http:'));
	const target = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
	return new Promise((resolve, reject) => {
		const sent = request({ ...target, method, path }, response => {
			response.resume();
			response.on('end', () => { resolve(response.statusCode ?? 0); });
		});
		sent.on('error', reject);
		sent.end();
	});
}
