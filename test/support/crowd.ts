import type { FakeEngine } from './fakeEngine';

/** The id of one of the images of `crowd`. */
export function crowdImage(at: number): string {
	return `sha256:1${at.toString(16).padStart(63, '0')}`;
}

/** The id of one of the containers of `crowd`. */
export function crowdContainer(at: number): string {
	return `c${at.toString(16).padStart(63, '0')}`;
}

/** Lets an engine have as many images, five tags a repository and every tenth without a tag, and containers, half of them running. */
export function crowd(fake: Pick<FakeEngine, 'on'>, images: number, containers: number): void {
	fake.on('GET /images/json', Array.from({ length: images }, (_, at) => ({
		Id: crowdImage(at), ParentId: '', RepoTags: at % 10 === 9 ? [] : [`team/service${String(Math.floor(at / 5)).padStart(3, '0')}:1.${String(at)}`],
		RepoDigests: [], Created: 1_700_000_000 + at * 60, Size: 50_000_000 + at * 1000, SharedSize: -1, Labels: { team: 'a', at: String(at) },
	})));
	fake.on('GET /containers/json', Array.from({ length: containers }, (_, at) => ({
		Id: crowdContainer(at), Names: [`/service-${String(at)}`], Image: `team/service${String(at).padStart(3, '0')}:1.${String(at * 5)}`, ImageID: crowdImage(at * 5),
		State: at % 2 === 0 ? 'running' : 'exited', Status: at % 2 === 0 ? 'Up 2 hours' : 'Exited (0) 3 hours ago', Created: 1_700_100_000 + at, Command: 'server --listen', Labels: {}, Ports: [],
	})));
	fake.on('GET /images/*/history', [
		{ Id: 'sha256:1', Created: 1_700_000_000, CreatedBy: 'COPY server / # buildkit', Size: 20_000_000, Comment: 'buildkit.dockerfile.v0', Tags: null },
		{ Id: '<missing>', Created: 1_690_000_000, CreatedBy: '/bin/sh -c #(nop) ADD file:a in / ', Size: 30_000_000, Comment: '', Tags: null },
	]);
	fake.on('GET /images/*/json', ({ path }, response) => {
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify({
			Id: decodeURIComponent(path).split('/')[2], RepoTags: [], RepoDigests: [], Created: '2024-01-01T00:00:00Z', Size: 50_000_000, Os: 'linux', Architecture: 'amd64', Config: {},
			RootFS: { Type: 'layers', Layers: [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`] },
		}));
	});
	fake.on('GET /containers/*/changes', Array.from({ length: 50 }, (_, at) => ({ Path: `/var/log/file${String(at)}`, Kind: 1 })));
}
