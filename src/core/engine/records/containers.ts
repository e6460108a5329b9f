import type { ContainerChange, ContainerDetails, ContainerSummary, PathStat } from '../engine';
import type { PublishedPort } from '../publishedPort';
import { countOf, environmentOf, familiarName, imageIdOf, listOf, numberOf, recordOf, secondsOf, someTextOf, textMapOf, textOf, textsOf } from './wire';

/** `GET /containers/json` (Engine API, ContainerSummary). */
export function containerSummaries(body: unknown): readonly ContainerSummary[] {
	return listOf(body).flatMap(item => {
		const record = recordOf(item);
		const id = someTextOf(record['Id']);
		return id === undefined ? [] : [{
			id,
			name: ownName(textsOf(record['Names'])),
			image: familiarName(textOf(record['Image']) ?? ''),
			imageId: imageIdOf(record['ImageID']) ?? '',
			state: textOf(record['State']) ?? '',
			status: textOf(record['Status']) ?? '',
			createdAt: secondsOf(record['Created']) ?? 0,
			command: textOf(record['Command']) ?? '',
			labels: textMapOf(record['Labels']),
			ports: publishedPorts(record['Ports']),
		}];
	});
}

/** `Ports` of ContainerSummary (Engine API, Port), in no order of the engine's own. A port that is only exposed has no number on the host. */
function publishedPorts(value: unknown): readonly PublishedPort[] {
	const ports = listOf(value).flatMap((item): PublishedPort[] => {
		const record = recordOf(item);
		const port = countOf(record['PrivatePort']);
		const hostPort = countOf(record['PublicPort']);
		const address = textOf(record['IP']) ?? '';
		return !port || !hostPort ? [] : [{ port, protocol: textOf(record['Type']) ?? 'tcp', hostPort, hostAddress: everyAddress.has(address) ? undefined : address }];
	});
	return [...new Map(ports.map(port => [JSON.stringify(port), port])).values()]
		.sort((a, b) => a.port - b.port || a.hostPort - b.hostPort);
}

/** Docker lists a port of every address for IPv4 and for IPv6; Podman writes none. */
const everyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

/** `GET /containers/json?size=1`: bytes of each writable layer; a container that the engine did not measure is left out. */
export function containerSizes(body: unknown): ReadonlyMap<string, number> {
	return new Map(listOf(body).flatMap(item => {
		const record = recordOf(item);
		const id = someTextOf(record['Id']);
		// Go leaves a size of 0 out.
		const bytes = record['SizeRw'] === undefined ? 0 : countOf(record['SizeRw']);
		return id === undefined || bytes === undefined ? [] : [[id, bytes] as const];
	}));
}

/** What `GET /containers/{id}/json` knows beyond the list's row. */
export function containerDetails(summary: ContainerSummary, body: unknown): ContainerDetails {
	const record = recordOf(body);
	return {
		...summary,
		env: environmentOf(recordOf(record['Config'])['Env']),
		mounts: listOf(record['Mounts']).flatMap(mount => someTextOf(recordOf(mount)['Destination']) ?? []),
	};
}

/** `GET /containers/{id}/changes` (Engine API, FilesystemChange); null where nothing changed. */
export function containerChanges(body: unknown): readonly ContainerChange[] {
	return listOf(body)
		.flatMap((item): ContainerChange[] => {
			const record = recordOf(item);
			const path = someTextOf(record['Path']);
			const change = changeKinds[numberOf(record['Kind']) ?? -1];
			return path === undefined || change === undefined ? [] : [{ path, change }];
		})
		.sort((one, other) => one.path < other.path ? -1 : one.path > other.path ? 1 : 0);
}

const changeKinds = ['modified', 'added', 'removed'] as const;

/** The header `X-Docker-Container-Path-Stat`: base64 of `{ name, size, mode, mtime, linkTarget }`, mode as Go's `fs.FileMode`. */
export function pathStat(header: string): PathStat | undefined {
	let record;
	try {
		record = recordOf(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
	} catch {
		return undefined;
	}
	const mode = numberOf(record['mode']);
	return mode === undefined ? undefined : {
		kind: kindOf(mode),
		sizeBytes: numberOf(record['size']) ?? 0,
		mode: unixModeOf(mode),
		// Podman writes what any path leads to.
		link: kindOf(mode) === 'symlink' ? someTextOf(record['linkTarget']) : undefined,
	};
}

/** Bits of Go's `fs.FileMode` (io/fs); they are not the system's. */
const goMode = {
	directory: 1 << 31, symlink: 1 << 27, device: 1 << 26, namedPipe: 1 << 25, socket: 1 << 24,
	setuid: 1 << 23, setgid: 1 << 22, sticky: 1 << 20, irregular: 1 << 19,
};

function kindOf(mode: number): PathStat['kind'] {
	if (mode & goMode.directory) {
		return 'directory';
	}
	if (mode & goMode.symlink) {
		return 'symlink';
	}
	return mode & (goMode.device | goMode.namedPipe | goMode.socket | goMode.irregular) ? 'other' : 'file';
}

function unixModeOf(mode: number): number {
	return (mode & 0o777)
		| (mode & goMode.setuid ? 0o4000 : 0)
		| (mode & goMode.setgid ? 0o2000 : 0)
		| (mode & goMode.sticky ? 0o1000 : 0);
}

/** Links add names like `/other/alias`; a container's own name has one slash only. */
function ownName(names: readonly string[]): string {
	const own = names.find(name => name.lastIndexOf('/') === 0) ?? names[0] ?? '';
	return own.replace(/^\//, '');
}
