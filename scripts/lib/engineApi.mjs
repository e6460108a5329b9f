import { request } from 'node:http';

/** One request to an engine (`unix://` or `tcp://`). Resolves with the body; rejects with what the engine said. */
export function api(host, method, path, body, headers = {}) {
	return new Promise((resolve, reject) => {
		const call = request({ ...address(host), method, path, headers }, answer => {
			const chunks = [];
			answer.on('data', chunk => chunks.push(chunk));
			answer.on('error', reject);
			answer.on('end', () => {
				const text = Buffer.concat(chunks).toString();
				if (answer.statusCode >= 400 || text.includes('"errorDetail"')) {
					reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.trim()}`));
				} else {
					resolve(text);
				}
			});
		});
		call.on('error', reject);
		if (body && typeof body.pipe === 'function') {
			body.on('error', reject);
			body.pipe(call);
		} else {
			call.end(body);
		}
	});
}

export async function ask(host, path) {
	return JSON.parse(await api(host, 'GET', path));
}

function address(host) {
	const url = new URL(host);
	return url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
}
