import assert from 'node:assert/strict';
import type { ContainerSummary } from '../../../src/core/engine/engine';
import type { PublishedPort } from '../../../src/core/engine/publishedPort';
import { containerRow } from '../../../src/words/rows';
import { english } from '../../../src/words/translate';

describe('the row of a container', () => {
	const web: ContainerSummary = { id: 'c', name: 'web', image: 'web:1', imageId: 'i', state: 'running', status: 'Up 2 hours', createdAt: 0, command: 'sh', labels: {}, ports: [] };
	const row = (image: string): string => containerRow({ ...web, image }, english).description;
	it('names its image, and one that has no name by its first digits', () => {
		assert.equal(row('web:1'), 'Up 2 hours · web:1');
		assert.equal(row(`sha256:0123456789ab${'c'.repeat(52)}`), 'Up 2 hours · 0123456789ab');
		assert.equal(row(`0123456789ab${'c'.repeat(52)}`), 'Up 2 hours · 0123456789ab');
	});

	it('says which ports lead into it, the first three in the row', () => {
		const port = (hostPort: number, protocol = 'tcp', hostAddress: string | undefined = undefined): PublishedPort => ({ port: 80, protocol, hostPort, hostAddress });
		const one = containerRow({ ...web, ports: [port(8080, 'tcp', '127.0.0.1')] }, english);
		assert.deepEqual([one.description, one.accessible], ['Up 2 hours · 8080→80 · web:1', 'web, running, Up 2 hours, ports 8080→80, web:1']);
		assert.ok(one.tooltip.includes('in the container: 127.0.0.1:8080→80\n'), one.tooltip);
		assert.equal(containerRow({ ...web, ports: [port(1), port(2, 'udp'), port(3), port(4), port(5), port(5, 'tcp', '::1')] }, english).description, 'Up 2 hours · 1→80, 2→80/udp, 3→80 +2 · web:1');
	});
});
