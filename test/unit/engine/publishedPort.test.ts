import assert from 'node:assert/strict';
import { browserUrl, type PublishedPort } from '../../../src/core/engine/publishedPort';

describe('a published port in the browser', () => {
	const local = 'unix:///var/run/docker.sock';
	const web: PublishedPort = { port: 80, protocol: 'tcp', hostPort: 8080, hostAddress: undefined };
	for (const [what, port, endpoint, url] of [
		['an engine on this machine', web, local, 'http://localhost:8080'],
		['a named pipe', web, 'npipe:////./pipe/docker_engine', 'http://localhost:8080'],
		['an engine elsewhere', web, 'tcp://10.1.2.3:2376', 'http://10.1.2.3:8080'],
		['an engine behind ssh', web, 'ssh://me@build.example:2222', 'http://build.example:8080'],
		['an engine at an address of IPv6', web, 'tcp://[fd00::1]:2375', 'http://[fd00::1]:8080'],
		['HTTPS', { ...web, port: 443, hostPort: 8443 }, local, 'https://localhost:8443'],
		['an address of its own', { ...web, hostAddress: '192.168.1.5' }, 'tcp://10.1.2.3:2376', 'http://192.168.1.5:8080'],
		['this machine only', { ...web, hostAddress: '::1' }, local, 'http://[::1]:8080'],
		['only the engine\'s own machine', { ...web, hostAddress: '127.0.0.1' }, 'ssh://me@build.example', undefined],
		['the engine\'s machine that is this one', { ...web, hostAddress: '127.0.0.1' }, 'tcp://localhost:2375', 'http://127.0.0.1:8080'],
		['what is no address', { ...web, hostAddress: 'evil.example/?' }, local, undefined],
		['no tcp', { ...web, protocol: 'udp' }, local, undefined],
	] as const satisfies readonly (readonly [string, PublishedPort, string, string | undefined])[]) {
		it(`is found where it is published: ${what}`, () => { assert.equal(browserUrl(port, endpoint), url); });
	}
});
