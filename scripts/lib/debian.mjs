import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installed, locked } from './cache.mjs';
import { run } from './run.mjs';

/** Why nothing can be installed or started as root here, or undefined when it can. */
export async function whyNotRootOnDebian() {
	const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
	if (!/^ID=debian$/m.test(release)) {
		return 'this is not Debian';
	}
	return process.getuid() === 0 ? undefined : 'this is not root';
}

/**
 * A folder with the packages of a suite unpacked side by side. Nothing is installed: apt works on lists
 * and archives of its own, so neither the machine's packages nor its apt sources change.
 */
export function unpacked(suite, name, packages) {
	return installed(`${suite}-${name}`, async folder => {
		const archives = join(folder, 'archives');
		await mkdir(archives);
		const options = await privateApt(suite);
		await run('apt-get', [...options, 'download', ...packages], { cwd: archives });
		for (const file of await readdir(archives)) {
			await run('dpkg', ['-x', join(archives, file), folder]);
		}
		await run('rm', ['-r', archives]);
	});
}

/** Where the libraries among unpacked packages are, as `LD_LIBRARY_PATH` wants it. */
export async function librariesIn(folders) {
	const found = await run('find', [...folders, '-name', '*.so.*', '-printf', '%h\n']);
	return [...new Set(found.split('\n').filter(Boolean))].join(':');
}

/** Installs what is missing among `packages` (Debian's names), system-wide. */
export async function install(packages) {
	const missing = [];
	for (const name of packages) {
		const status = await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]).catch(() => '');
		if (status !== 'installed') {
			missing.push(name);
		}
	}
	if (missing.length === 0) {
		return;
	}
	const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
	const why = await whyNotRootOnDebian();
	if (why) {
		throw new Error(`Missing: ${missing.join(', ')}, and ${why}. Run as root on Debian: ${command}`);
	}
	const [program, ...args] = command.split(' ');
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	await locked('apt-install', async () => {
		// What runs on another machine's lists may be gone from the archive, hence the update.
		await run('apt-get', ['update']);
		await run(program, args, { env });
	});
}

const aptOf = new Map();

/** The arguments of apt for a suite, whose lists are of today. */
function privateApt(suite) {
	const args = aptOf.get(suite) ?? makePrivateApt(suite);
	aptOf.set(suite, args);
	args.catch(() => { aptOf.delete(suite); });
	return args;
}

async function makePrivateApt(suite) {
	const folder = await installed(`apt-${suite}`, async unfinished => {
		await mkdir(join(unfinished, 'lists/partial'), { recursive: true });
		await mkdir(join(unfinished, 'archives/partial'), { recursive: true });
		await writeFile(join(unfinished, 'status'), '');
	});
	const { uri, signedBy } = await mainArchive();
	await writeFile(join(folder, 'suite.sources'),
		['Types: deb', `URIs: ${uri}`, `Suites: ${suite}`, 'Components: main', ...signedBy ? [`Signed-By: ${signedBy}`] : [], ''].join('\n'));
	const options = {
		'Dir::Etc::sourcelist': join(folder, 'suite.sources'),
		'Dir::Etc::sourceparts': '/dev/null',
		'Dir::State::lists': join(folder, 'lists'),
		'Dir::State::status': join(folder, 'status'),
		'Dir::Cache': folder,
		'APT::Sandbox::User': 'root',
	};
	const args = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
	await locked(`apt-${suite}`, () => run('apt-get', [...args, 'update']));
	return args;
}

/** The archive that this machine's own apt uses for its release, whatever mirror that is. */
async function mainArchive() {
	const codename = /^VERSION_CODENAME=(\S+)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
	for (const source of await aptSources()) {
		if (source.types.includes('deb') && source.suites.includes(codename) && source.components.includes('main')) {
			return source;
		}
	}
	throw new Error(`apt has no source for ${codename} main.`);
}

async function aptSources() {
	const parts = '/etc/apt/sources.list.d';
	const names = existsSync(parts) ? (await readdir(parts)).map(name => join(parts, name)) : [];
	const texts = await Promise.all(['/etc/apt/sources.list', ...names]
		.filter(name => existsSync(name) && /\.(list|sources)$/.test(name))
		.map(async name => [name, await readFile(name, 'utf8')]));
	return texts.flatMap(([name, text]) => name.endsWith('.list') ? oneLine(text) : deb822(text));
}

function oneLine(text) {
	return [...text.matchAll(/^(deb)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]*)/gm)].map(([, type, options, uri, suite, components]) => ({
		types: [type], uri, suites: [suite], components: components.trim().split(/\s+/), signedBy: /signed-by=(\S+)/.exec(options)?.[1],
	}));
}

function deb822(text) {
	const withoutComments = text.replace(/^#.*\n/gm, '');
	return withoutComments.split(/\n\s*\n/).map(stanza => {
		const field = name => new RegExp(`^${name}:\\s*(.*)$`, 'mi').exec(stanza)?.[1].trim();
		const words = name => field(name)?.split(/\s+/) ?? [];
		return { types: words('Types'), uri: words('URIs')[0], suites: words('Suites'), components: words('Components'), signedBy: field('Signed-By') };
	});
}
