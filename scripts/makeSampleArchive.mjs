// Writes samples/archives: one small image as docker save wrote it before Engine 25, and as it writes it since. The
// explorer shows them without an engine. `node scripts/makeSampleArchive.mjs [folder]`
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from 'tar-stream';
import { root } from './lib/project.mjs';

const when = new Date(Date.UTC(2024, 0, 15, 9));
const noise = (bytes, seed) => {
	// Looks like a program: bytes that do not compress, the same in every run.
	const parts = [];
	for (let block = createHash('sha256').update(seed).digest(), left = bytes; left > 0; left -= block.length, block = createHash('sha256').update(block).digest()) {
		parts.push(block.subarray(0, Math.min(left, block.length)));
	}
	return Buffer.concat(parts);
};
const program = noise(400_000, 'program');
const logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path d="M8 40l24 12 24-12M8 28l24 12 24-12M32 8l24 12-24 12L8 20z" fill="none" stroke="#2277cc" stroke-width="4"/></svg>\n';

/** What each instruction did to the files; `.wh.` entries are whiteouts (OCI image spec, layer.md). */
const steps = [
	{ by: '/bin/sh -c #(nop) ADD file:0d7f0ee2f7ce9b0a6d5c9a6fcbb3bd0a6ce9c5cbd8d8f6b39f2d44f0a29bd5e5 in / ', files: {
		'bin/': undefined, 'bin/sh': noise(900_000, 'shell'), 'etc/': undefined, 'etc/os-release': 'NAME="Sample"\nID=sample\nVERSION_ID=1\n',
		'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n', 'usr/lib/libsample.so.1': noise(300_000, 'library'), 'usr/lib/libsample.so': { link: 'libsample.so.1' },
	} },
	{ by: '/bin/sh -c #(nop)  ENV APP_HOME=/app', empty: true },
	{ by: 'RUN /bin/sh -c apt-get update && apt-get install -y build-essential # buildkit', files: {
		'usr/bin/gcc': noise(2_400_000, 'compiler'), 'usr/bin/make': noise(200_000, 'make'),
		'var/lib/apt/lists/sample_dists_stable_main_binary-amd64_Packages': noise(1_800_000, 'lists'),
		'var/cache/apt/archives/build-essential_12.9_amd64.deb': noise(1_200_000, 'package'),
	} },
	{ by: 'COPY app/ /app/ # buildkit', files: {
		'app/': undefined, 'app/config.json': '{\n\t"port": 8080,\n\t"debug": true\n}\n', 'app/logo.svg': logo, 'app/server': { data: program, mode: 0o644 },
		'app/node_modules/left/index.js': 'module.exports = (text, width) => text.padStart(width);\n', 'app/.git/HEAD': 'ref: refs/heads/main\n', 'app/.git/objects/pack/pack-1.pack': noise(700_000, 'history'),
	} },
	{ by: 'RUN /bin/sh -c chmod 755 /app/server # buildkit', files: { 'app/server': { data: program, mode: 0o755 } } },
	{ by: 'RUN /bin/sh -c rm -rf /var/lib/apt/lists/* && sed -i s/true/false/ /app/config.json # buildkit', files: {
		'var/lib/apt/lists/.wh.sample_dists_stable_main_binary-amd64_Packages': '', 'app/config.json': '{\n\t"port": 8080,\n\t"debug": false\n}\n',
	} },
	{ by: 'CMD ["/app/server"]', empty: true },
];

export async function makeSampleArchives(folder = join(root, 'samples/archives')) {
	await mkdir(folder, { recursive: true });
	const layers = await Promise.all(steps.filter(({ files }) => files).map(({ files }) => tarOf(files)));
	const config = Buffer.from(JSON.stringify({
		architecture: 'amd64', os: 'linux', created: when.toISOString(),
		config: { Env: ['APP_HOME=/app'], Cmd: ['/app/server'] },
		rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
		history: steps.map(({ by, empty }) => ({ created: when.toISOString(), created_by: by, ...!by.startsWith('/bin/sh') && { comment: 'buildkit.dockerfile.v0' }, ...empty && { empty_layer: true } })),
	}));
	const written = [
		['sample-old-layout.tar', oldLayout(layers, config)],
		['sample-oci-layout.tar', newLayout(layers, config)],
	];
	for (const [name, files] of written) {
		await writeFile(join(folder, name), await tarOf(files));
	}
	return written.map(([name]) => join(folder, name));
}

/** A folder for each layer with VERSION, json and layer.tar; manifest.json and repositories beside. */
function oldLayout(layers, config) {
	const ids = layers.map((layer, at) => createHash('sha256').update(`${at}${digestOf(layer)}`).digest('hex'));
	return Object.assign({}, ...layers.map((layer, at) => ({
		[`${ids[at]}/`]: undefined,
		[`${ids[at]}/VERSION`]: '1.0',
		[`${ids[at]}/json`]: JSON.stringify({ id: ids[at], ...at > 0 && { parent: ids[at - 1] }, created: when.toISOString(), os: 'linux' }),
		[`${ids[at]}/layer.tar`]: layer,
	})), {
		[`${hexOf(config)}.json`]: config,
		'manifest.json': JSON.stringify([{ Config: `${hexOf(config)}.json`, RepoTags: ['strata-sample/app:1'], Layers: ids.map(id => `${id}/layer.tar`) }]),
		repositories: JSON.stringify({ 'strata-sample/app': { 1: ids.at(-1) } }),
	});
}

/** An OCI image layout with docker's manifest.json beside it. */
function newLayout(layers, config) {
	const blob = (mediaType, bytes) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
	const manifest = Buffer.from(JSON.stringify({
		schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
		config: blob('application/vnd.oci.image.config.v1+json', config),
		layers: layers.map(layer => blob('application/vnd.oci.image.layer.v1.tar', layer)),
	}));
	return {
		'blobs/': undefined, 'blobs/sha256/': undefined,
		...Object.fromEntries([...layers, config, manifest].map(bytes => [`blobs/sha256/${hexOf(bytes)}`, bytes])),
		'index.json': JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [{
			...blob('application/vnd.oci.image.manifest.v1+json', manifest),
			annotations: { 'io.containerd.image.name': 'docker.io/strata-sample/app:1', 'org.opencontainers.image.ref.name': '1' },
		}] }),
		'manifest.json': JSON.stringify([{ Config: `blobs/sha256/${hexOf(config)}`, RepoTags: ['strata-sample/app:1'], Layers: layers.map(layer => `blobs/sha256/${hexOf(layer)}`) }]),
		'oci-layout': JSON.stringify({ imageLayoutVersion: '1.0.0' }),
	};
}

async function tarOf(files) {
	const tar = pack();
	for (const [name, file] of Object.entries(files)) {
		const { data, mode, link } = Buffer.isBuffer(file) || typeof file !== 'object' ? { data: file } : file;
		const type = name.endsWith('/') ? 'directory' : link ? 'symlink' : 'file';
		tar.entry({ name, type, linkname: link, mode: mode ?? (type === 'directory' || name.includes('bin/') ? 0o755 : 0o644), mtime: when }, data ?? '');
	}
	tar.finalize();
	const chunks = [];
	for await (const chunk of tar) {
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function hexOf(bytes) {
	return createHash('sha256').update(bytes).digest('hex');
}

function digestOf(bytes) {
	return `sha256:${hexOf(bytes)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	console.log((await makeSampleArchives(process.argv[2])).join('\n'));
}
