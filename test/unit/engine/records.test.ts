import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cacheRecords } from '../../../src/core/engine/records/cacheRecords';
import { containerChanges, containerDetails, containerSummaries, pathStat } from '../../../src/core/engine/records/containers';
import { diskUsage } from '../../../src/core/engine/records/diskUsage';
import { engineEvent } from '../../../src/core/engine/records/engineEvents';
import { engineDetails, engineInfo } from '../../../src/core/engine/records/engineInfo';
import { historyRows, imageDetails, imageSummaries, removedImages } from '../../../src/core/engine/records/images';

describe('images', () => {
	it('drops the names that are none', () => {
		const [untagged, tagged, bare] = imageSummaries([
			{ Id: 'sha256:1', RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'], Created: 1700000000, Size: 5, SharedSize: -1, ParentId: '', Labels: null },
			{ Id: 'sha256:2', RepoTags: ['a:1', '<none>:<none>'], RepoDigests: ['a@sha256:9'], Created: 1700000000, Size: 5, SharedSize: 3, ParentId: 'sha256:1', Labels: { a: 'b' } },
			{ Id: 'sha256:3', RepoTags: null },
		], { hasShared: true, knowsPlatforms: true });
		assert.deepEqual(untagged, { id: 'sha256:1', references: [], digests: [], createdAt: 1_700_000_000_000, sizeBytes: 5, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} });
		assert.deepEqual(tagged, { id: 'sha256:2', references: ['a:1'], digests: ['a@sha256:9'], createdAt: 1_700_000_000_000, sizeBytes: 5, sharedBytes: 3, platforms: [], parentId: 'sha256:1', labels: { a: 'b' } });
		assert.deepEqual(bare?.references, []);
	});

	it('knows the platforms of an image, attestations aside, and which of them can be looked into', () => {
		const manifests = [
			{ ID: 'sha256:a', Kind: 'image', Available: true, Size: { Content: 3, Total: 10 }, ImageData: { Platform: { os: 'linux', architecture: 'arm64', variant: 'v8' }, Size: { Unpacked: 7 } } },
			{ ID: 'sha256:b', Kind: 'attestation', Available: true, AttestationData: { For: 'sha256:a' } },
			{ ID: 'sha256:c', Kind: 'image', Available: false, Size: { Content: 0, Total: 0 }, ImageData: { Platform: { os: 'linux', architecture: 'amd64' }, Size: { Unpacked: 0 } } },
		];
		const platformsOf = (knowsPlatforms: boolean) => imageSummaries([{ Id: 'sha256:1', Manifests: manifests }], { hasShared: true, knowsPlatforms })[0]?.platforms;
		assert.deepEqual(platformsOf(true), [
			{ name: 'linux/arm64/v8', digest: 'sha256:a', isPresent: true, isReadable: true, contentBytes: 3, unpackedBytes: 7 },
			{ name: 'linux/amd64', digest: 'sha256:c', isPresent: false, isReadable: false, contentBytes: 0, unpackedBytes: 0 },
		]);
		assert.deepEqual(platformsOf(false)?.map(({ isPresent, isReadable }) => [isPresent, isReadable]), [[true, false], [false, false]]);
	});

	it('reads Podman\'s names and ids as Docker writes them, and does not take its 0 for what is shared', () => {
		const [id, parent] = ['a', 'b'].map(letter => letter.repeat(64));
		const [image] = imageSummaries([{ Id: id, ParentId: parent, RepoTags: ['docker.io/library/web:1', 'docker.io/me/web:1', 'localhost/web:1'], RepoDigests: ['docker.io/me/web@sha256:9'], SharedSize: 0 }], { hasShared: false, knowsPlatforms: false });
		assert.deepEqual([image?.id, image?.parentId, image?.references, image?.digests, image?.sharedBytes], [`sha256:${id}`, `sha256:${parent}`, ['web:1', 'me/web:1', 'localhost/web:1'], ['me/web@sha256:9'], undefined]);
		assert.deepEqual(removedImages([{ Untagged: 'docker.io/library/web:1' }, { Deleted: id }]), [{ kind: 'untagged', reference: 'web:1' }, { kind: 'deleted', reference: `sha256:${id}` }]);
		const tagged = engineEvent({ Type: 'image', Action: 'tag', Actor: { ID: id, Attributes: { name: 'docker.io/me/web:1' } } });
		assert.deepEqual([tagged?.id, tagged?.attributes['name']], [`sha256:${id}`, 'me/web:1']);
		assert.equal(engineEvent({ Type: 'container', Action: 'create', Actor: { ID: id } })?.id, id);
	});

	it('reads an inspected image, also one that says little', () => {
		const details = imageDetails({
			Id: 'sha256:1', RepoTags: ['a:1'], Created: '2024-01-01T00:00:00.5Z', Size: 7, Os: 'linux', Architecture: 'arm64', Variant: 'v8',
			RootFS: { Type: 'layers', Layers: ['sha256:a', 'sha256:b'] },
			Config: { Env: ['PATH=/bin', 'X=a=b', 'EMPTY='], WorkingDir: '/app', User: '1000', Shell: ['/bin/bash', '-c'], OnBuild: ['RUN x'], Labels: { l: '1' } },
		});
		assert.deepEqual(details, {
			id: 'sha256:1', references: ['a:1'], digests: [], createdAt: Date.UTC(2024, 0, 1, 0, 0, 0, 500), sizeBytes: 7, diffIds: ['sha256:a', 'sha256:b'],
			os: 'linux', architecture: 'arm64', variant: 'v8', env: { PATH: '/bin', X: 'a=b', EMPTY: '' }, workdir: '/app', user: '1000',
			shell: ['/bin/bash', '-c'], onBuild: ['RUN x'], labels: { l: '1' },
		});
		const bare = imageDetails({ Id: 'sha256:2', Created: '0001-01-01T00:00:00Z', Config: { Env: null, Shell: null } });
		assert.deepEqual([bare.createdAt, bare.shell, bare.variant, bare.diffIds, bare.env], [undefined, undefined, undefined, [], {}]);
	});

	it('keeps the rows of a history whose images are missing', () => {
		assert.deepEqual(historyRows([
			{ Id: 'sha256:1', Created: 1700000000, CreatedBy: 'CMD ["sh"]', Size: 0, Comment: 'buildkit.dockerfile.v0', Tags: ['a:1'] },
			{ Id: '<missing>', Created: 1700000000, CreatedBy: 'ADD x', Size: 3, Comment: '', Tags: null },
		], true), [
			{ imageId: 'sha256:1', createdAt: 1_700_000_000_000, createdBy: 'CMD ["sh"]', sizeBytes: 0, comment: 'buildkit.dockerfile.v0', references: ['a:1'] },
			{ imageId: undefined, createdAt: 1_700_000_000_000, createdBy: 'ADD x', sizeBytes: 3, comment: '', references: [] },
		]);
	});

	it('takes no image\'s id from the rows of an engine that mixes them up', () => {
		assert.equal(historyRows([{ Id: 'sha256:1' }], false)[0]?.imageId, undefined);
	});

	it('tells untagged from deleted', () => {
		assert.deepEqual(removedImages([{ Untagged: 'a:1' }, { Deleted: 'sha256:1' }]), [{ kind: 'untagged', reference: 'a:1' }, { kind: 'deleted', reference: 'sha256:1' }]);
	});
});

describe('containers', () => {
	const row = { Id: 'c1', Names: ['/other/alias', '/web'], Image: 'a:1', ImageID: 'sha256:1', State: 'running', Status: 'Up 2 hours', Created: 1700000000, Command: 'sh', Labels: {} };

	it('has its own name, not a link\'s', () => {
		assert.equal(containerSummaries([row])[0]?.name, 'web');
		assert.equal(containerSummaries([{ Id: 'c2' }])[0]?.name, '');
	});

	it('publishes a port of every address once, and none that is only exposed', () => {
		const [summary] = containerSummaries([{ ...row, Ports: [
			{ IP: '0.0.0.0', PrivatePort: 443, PublicPort: 8443, Type: 'tcp' }, { IP: '::', PrivatePort: 443, PublicPort: 8443, Type: 'tcp' }, { PrivatePort: 9000, Type: 'tcp' },
			{ IP: '127.0.0.1', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }, { IP: '', PrivatePort: 53, PublicPort: 5353, Type: 'udp' },
		] }]);
		assert.deepEqual(summary?.ports.map(({ hostAddress = '*', hostPort, port, protocol }) => `${hostAddress}:${String(hostPort)} ${String(port)}/${protocol}`), ['*:5353 53/udp', '127.0.0.1:8080 80/tcp', '*:8443 443/tcp']);
		assert.deepEqual(containerSummaries([row])[0]?.ports, []);
	});

	it('adds environment and mount points', () => {
		const [summary] = containerSummaries([row]);
		const details = containerDetails(summary!, { Config: { Env: ['A=1'] }, Mounts: [{ Destination: '/data' }, {}] });
		assert.deepEqual([details.name, details.env, details.mounts], ['web', { A: '1' }, ['/data']]);
	});

	it('has changes in path order, by kind', () => {
		const changes = containerChanges([{ Path: '/b', Kind: 2 }, { Path: '/a/x', Kind: 1 }, { Path: '/a', Kind: 0 }, { Path: '/odd', Kind: 9 }]);
		assert.deepEqual(changes.map(({ path, change }) => `${path} ${change}`), ['/a modified', '/a/x added', '/b removed']);
		assert.deepEqual(containerChanges(null), []);
	});

	it('reads Go\'s file modes', () => {
		const stat = (mode: number, linkTarget = '') => pathStat(Buffer.from(JSON.stringify({ name: 'x', size: 12, mode, linkTarget })).toString('base64'));
		assert.deepEqual(stat(0o644), { kind: 'file', sizeBytes: 12, mode: 0o644, link: undefined });
		assert.deepEqual(stat(2 ** 31 + 0o755), { kind: 'directory', sizeBytes: 12, mode: 0o755, link: undefined });
		assert.deepEqual(stat(2 ** 27 + 0o777, '/to'), { kind: 'symlink', sizeBytes: 12, mode: 0o777, link: '/to' });
		assert.deepEqual(stat(2 ** 23 + 2 ** 22 + 0o755)?.mode, 0o6755);
		assert.deepEqual(stat(2 ** 31 + 2 ** 20 + 0o777)?.mode, 0o1777);
		assert.deepEqual(stat(2 ** 26 + 2 ** 21 + 0o666)?.kind, 'other');
		assert.equal(pathStat('not base64 of json'), undefined);
	});
});

describe('cache records', () => {
	const record = (parents: object) => ({ ID: 'r', Type: 'regular', Description: 'd', InUse: false, Shared: true, Size: 3, CreatedAt: '2024-01-01T00:00:00Z', LastUsedAt: null, UsageCount: 2, ...parents });

	it('finds the parents under each of the key\'s spellings', () => {
		const parentsOf = (parents: object) => cacheRecords({ BuildCache: [record(parents)] })[0]?.parents;
		assert.deepEqual(parentsOf({ Parent: 'a' }), ['a']);
		assert.deepEqual(parentsOf({ Parent: '', ' Parents': ['a', 'b'] }), ['a', 'b']);
		assert.deepEqual(parentsOf({ Parents: ['a', 'b'] }), ['a', 'b']);
		assert.deepEqual(parentsOf({ Parent: '' }), []);
	});

	it('reads the old and the new shape of the answer', () => {
		const expected = [{ id: 'r', parents: [], type: 'regular', description: 'd', inUse: false, shared: true, sizeBytes: 3, createdAt: Date.UTC(2024), lastUsedAt: undefined, usageCount: 2 }];
		assert.deepEqual(cacheRecords({ BuildCache: [record({})] }), expected);
		assert.deepEqual(cacheRecords({ BuildCacheUsage: { Items: [record({})] } }), expected);
		assert.deepEqual(cacheRecords({ BuildCache: [record({})], BuildCacheUsage: { Items: [record({})] } }), expected);
		assert.deepEqual(cacheRecords({ BuildCache: null }), []);
	});
});

describe('engine events', () => {
	it('read Type, Action and Actor only', () => {
		assert.deepEqual(
			engineEvent({ status: 'old', id: 'old', Type: 'image', Action: 'tag', Actor: { ID: 'sha256:1', Attributes: { name: 'a:1' } }, time: 1700000000, timeNano: 1700000000123456789 }),
			{ type: 'image', action: 'tag', id: 'sha256:1', attributes: { name: 'a:1' }, at: 1_700_000_000_123 },
		);
		assert.equal(engineEvent({ errorDetail: {} }), undefined);
	});
});

describe('engine info', () => {
	it('knows the containerd image store and Podman', () => {
		const docker = engineInfo({ ID: 'i', Name: 'n', OSType: 'linux', Driver: 'overlayfs', DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] }, { Version: '28.5.2', Arch: 'amd64' }, '1.51');
		assert.deepEqual(docker, { id: 'i', name: 'n', kind: 'docker', version: '28.5.2', apiVersion: '1.51', hasBuildKit: true, imageStore: 'containerd', os: 'linux', architecture: 'amd64' });
		const podman = engineInfo({ ID: 'another each time', Name: 'n', Driver: 'overlay', DockerRootDir: '/storage' }, { Version: '4.3.1', Os: 'linux', Components: [{ Name: 'Podman Engine' }] }, '1.41');
		assert.deepEqual([podman.kind, podman.hasBuildKit, podman.id], ['podman', false, 'podman:n:/storage']);
		assert.equal(engineInfo({ OSType: 'windows' }, {}, '1.51').hasBuildKit, false);
	});
});

describe('every record', () => {
	const readers = { imageSummaries: (value: unknown) => imageSummaries(value, { hasShared: true, knowsPlatforms: true }), imageDetails, historyRows: (value: unknown) => historyRows(value, true), removedImages, containerSummaries, containerChanges, cacheRecords, engineEvent, engineInfo: (value: unknown) => engineInfo(value, value, '1.51') };
	const keys = ['Id', 'ID', 'RepoTags', 'Config', 'Env', 'Labels', 'Created', 'Names', 'Path', 'Kind', 'Type', 'Action', 'Actor', 'BuildCache', 'BuildCacheUsage', 'Items', ' Parents', 'DriverStatus', 'Components', 'Untagged', 'Mounts', 'Manifests', 'ImageData', 'Platform', 'Size', 'Ports', 'PrivatePort', 'PublicPort'];
	const wire = fc.letrec(tie => ({
		value: fc.oneof({ maxDepth: 4 }, fc.constant(null), fc.boolean(), fc.double(), fc.string(), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 })),
	})).value;

	for (const [name, read] of Object.entries(readers)) {
		it(`is read whatever the engine sends: ${name}`, () => {
			fc.assert(fc.property(wire, value => { read(value); }), { numRuns: 300 });
		});
	}
});

describe('diskUsage', () => {
	it('adds up the lists of older engines, what the cache shares with images once', () => {
		assert.deepEqual(diskUsage({
			LayersSize: 700,
			Containers: [{ SizeRw: 3 }, {}],
			Volumes: [{ UsageData: { Size: 5 } }, { UsageData: { Size: -1 } }],
			BuildCache: [{ Size: 11, Shared: false }, { Size: 13, Shared: true }],
		}), { images: 700, containers: 3, volumes: 5, buildCache: 11 });
	});

	it('reads the totals of newer ones', () => {
		const total = (bytes: number): object => ({ TotalSize: bytes });
		assert.deepEqual(diskUsage({ ImageUsage: total(1), ContainerUsage: total(2), VolumeUsage: total(3), BuildCacheUsage: total(4) }),
			{ images: 1, containers: 2, volumes: 3, buildCache: 4 });
	});

	it('takes null for a list of nothing', () => {
		assert.deepEqual(diskUsage({ LayersSize: 0, Containers: null, Volumes: null, BuildCache: null }), { images: 0, containers: 0, volumes: 0, buildCache: 0 });
	});

	it('makes no number of what is not said', () => {
		assert.deepEqual(diskUsage({ LayersSize: 0, Images: [{ Id: 'a' }] }).images, undefined);
		assert.deepEqual(diskUsage({ LayersSize: -1 }), { images: undefined, containers: undefined, volumes: undefined, buildCache: undefined });
	});
});

describe('engineDetails', () => {
	it('reads what an engine says of its machine', () => {
		assert.deepEqual(engineDetails({
			OperatingSystem: 'Debian', KernelVersion: '6.1', NCPU: 2, MemTotal: 1024, DockerRootDir: '/var/lib/docker', Images: 3, Containers: 2, ContainersRunning: 1, SystemTime: '2024-01-01T00:00:00.5Z',
			SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'], Warnings: ['No swap limit support'],
			RegistryConfig: { Mirrors: ['https://mirror/'], InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: { 'docker.io': { Secure: true }, 'r:5000': { Secure: false } } },
		}), {
			operatingSystem: 'Debian', kernel: '6.1', cpus: 2, memoryBytes: 1024, rootFolder: '/var/lib/docker', isRootless: true,
			registryMirrors: ['https://mirror/'], insecureRegistries: ['127.0.0.0/8', 'r:5000'], images: 3, containers: 2, runningContainers: 1, time: Date.UTC(2024, 0, 1) + 500, warnings: ['No swap limit support'],
		});
		assert.deepEqual([engineDetails(undefined).images, engineDetails(undefined).isRootless], [undefined, false]);
	});
});
