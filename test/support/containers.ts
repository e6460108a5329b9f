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

/** What a command in a container of an image writes to its standard output. */
export async function outputOf(test: TestEngine, image: string, command: readonly string[]): Promise<string> {
	return withContainer(test, image, command, async (_, container) => {
		await container.wait();
		const frames = await container.logs({ stdout: true, stderr: false, follow: false });
		const parts: Buffer[] = [];
		// Each frame: a byte for the stream, three of nothing, the length, the bytes (Engine API, ContainerAttach).
		for (let at = 0; at < frames.length;) {
			const length = frames.readUInt32BE(at + 4);
			parts.push(frames.subarray(at + 8, at + 8 + length));
			at += 8 + length;
		}
		return Buffer.concat(parts).toString('utf8');
	});
}
