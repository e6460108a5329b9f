import Docker from 'dockerode';
import type { TestEngine } from './engines';

/** Runs a container of the base image, hands over its id, and removes it. The engine never makes containers itself. */
export async function withContainer<T>(test: TestEngine, image: string, command: readonly string[], use: (id: string, container: Docker.Container) => Promise<T>): Promise<T> {
	const docker = new Docker({ host: undefined, socketPath: test.host.replace(/^unix:\/\//, '') });
	const container = await docker.createContainer({ Image: image, Cmd: [...command], Labels: { 'dev.strata.test': '1' }, HostConfig: { NetworkMode: 'none' } });
	try {
		await container.start();
		return await use(container.id, container);
	} finally {
		await container.remove({ force: true, v: true });
	}
}
