import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** One request to an engine at a socket, without a client: for tests in the editor, which bundle no engine client. */
export function engineRequest(host: string, method: 'GET' | 'DELETE' | 'POST', path: string): Promise<{ readonly status: number; readonly body: string }> {
	const url = new URL(host.replace(/^tcp:/, 'http:'));
	const target = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
	return new Promise((resolve, reject) => {
		const sent = request({ ...target, method, path }, response => {
			text(response).then(body => { resolve({ status: response.statusCode ?? 0, body }); }, reject);
		});
		sent.on('error', reject);
		sent.end();
	});
}

/** Removes the images in whose history a word stands that only one test has used; untagged ones and their parents too. */
export async function removeImagesWith(host: string, word: string): Promise<void> {
	const images = JSON.parse((await engineRequest(host, 'GET', '/images/json')).body) as readonly { readonly Id: string }[];
	for (const { Id: id } of images) {
		const { body } = await engineRequest(host, 'GET', `/images/${id}/history`);
		if (body.includes(word)) {
			await engineRequest(host, 'DELETE', `/images/${id}?force=1`);
		}
	}
}
