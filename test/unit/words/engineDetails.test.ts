import assert from 'node:assert/strict';
import type { EngineDetails, EngineInfo } from '../../../src/core/engine/engine';
import { engineDetailsPage } from '../../../src/words/engineDetails';
import { english } from '../../../src/words/translate';

const info: EngineInfo = { id: 'i', name: 'host', kind: 'docker', version: '28.5.2', apiVersion: '1.51', hasBuildKit: true, imageStore: 'overlay2', os: 'linux', architecture: 'amd64' };
const details: EngineDetails = {
	operatingSystem: 'Debian', kernel: undefined, cpus: 2, memoryBytes: 24_000_000_000, rootFolder: '/var/lib/docker', isRootless: false,
	registryMirrors: [], insecureRegistries: ['127.0.0.0/8'], images: 3, containers: 2, runningContainers: 1, time: undefined, warnings: [],
};
const endpoint = { url: 'unix:///var/run/docker.sock', origin: 'default', name: undefined, tls: undefined } as const;
const pageOf = (given: Partial<EngineDetails> = {}, usage?: Parameters<typeof engineDetailsPage>[3]): string => engineDetailsPage(endpoint, info, { ...details, ...given }, usage, english);

describe('engineDetailsPage', () => {
	it('says what the engine is, and of nothing more than it knows', () => {
		const page = pageOf();
		for (const line of ['# Docker 28\\.5\\.2', '| Storage driver | `overlay2` |', '| Kernel | not known |', '| Memory | 24 GB |', '| Containers | 2, 1 running |', '| Registry mirrors | none |']) {
			assert.ok(page.split('\n').includes(line), `${line} is not in\n${page}`);
		}
		assert.match(page, /Disk use is measured on request/);
	});

	it('says the disk use that was measured', () => {
		assert.match(pageOf({}, { images: 5_000_000, containers: 0, volumes: undefined, buildCache: 1000 }), /\| Layers of all images \| 5 MB \|\n\| Written by containers \| 0 B \|\n\| Volumes \| not known \|\n\| Build cache that no image shares \| 1 kB \|/);
	});

	it('lets no words of an engine become markup', () => {
		assert.doesNotMatch(pageOf({ warnings: ['<img src=x> [a](command:x)'], operatingSystem: '| x |' }), /<img|\]\(command| \| x \|/);
	});
});
