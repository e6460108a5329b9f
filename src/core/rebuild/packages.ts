/** One package as its manager's database has it. */
export interface InstalledPackage {
	readonly name: string;
	/** With the architecture where a package of another one may stand beside it: `libc6:amd64`. */
	readonly key: string;
	readonly version: string;
	/** Names that it needs, in any of their alternatives; virtual ones too. */
	readonly needs: readonly string[];
	/** Names that it stands for besides its own. */
	readonly provides: readonly string[];
	/** Files of its own with the checksum that they came with, where the database has one: hexadecimal MD5 or SHA-1. */
	readonly checksums: ReadonlyMap<string, string>;
	/** Its files, where the database says them itself (apk); undefined: they are in lists of their own (dpkg). */
	readonly files: readonly string[] | undefined;
}

export type PackageManager = 'apt' | 'apk';

/** `/var/lib/dpkg/status`: the packages that are installed (deb-control(5)). What cannot be read is left out. */
export function readDpkgStatus(text: string): ReadonlyMap<string, InstalledPackage> {
	const packages = text.split(/\n\s*\n/).flatMap((paragraph): InstalledPackage[] => {
		const fields = fieldsOf(paragraph);
		const name = fields.get('package');
		const version = fields.get('version');
		if (name === undefined || version === undefined || !/ installed$/.test(fields.get('status') ?? '') || !isName(name) || !isVersion(version)) {
			return [];
		}
		return [{
			name, version,
			key: fields.get('multi-arch') === 'same' ? `${name}:${fields.get('architecture') ?? ''}` : name,
			needs: [...relations(fields.get('depends')), ...relations(fields.get('pre-depends'))],
			provides: relations(fields.get('provides')),
			checksums: new Map((fields.get('conffiles') ?? '').split('\n').flatMap(line => {
				const [, path, sum] = /^\s*(\/.*) ([0-9a-f]{32})(?: obsolete)?$/.exec(line) ?? [];
				return path === undefined || sum === undefined ? [] : [[path, sum] as const];
			})),
			files: undefined,
		}];
	});
	return new Map(packages.map(one => [one.key, one]));
}

/** `/lib/apk/db/installed`: one letter a line (apk-tools, doc of the v2 database). */
export function readApkInstalled(text: string): ReadonlyMap<string, InstalledPackage> {
	const packages = text.split(/\n\s*\n/).flatMap((paragraph): InstalledPackage[] => {
		let name = '';
		let version = '';
		let folder = '';
		let file = '';
		const needs: string[] = [];
		const provides: string[] = [];
		const files: string[] = [];
		const checksums = new Map<string, string>();
		for (const line of paragraph.split('\n')) {
			const value = line.slice(2);
			switch (line.slice(0, 2)) {
				case 'P:': name = value; break;
				case 'V:': version = value; break;
				case 'D:': needs.push(...value.split(' ').map(bareName)); break;
				case 'p:': provides.push(...value.split(' ').map(bareName)); break;
				case 'F:': folder = value; files.push(`/${folder}`); break;
				case 'R:':
					file = `${folder === '' ? '' : `/${folder}`}/${value}`;
					files.push(file);
					break;
				case 'Z:':
					if (value.startsWith('Q1') && file !== '') {
						checksums.set(file, Buffer.from(value.slice(2), 'base64').toString('hex'));
					}
					break;
			}
		}
		return isName(name) && isVersion(version) ? [{ name, key: name, version, needs, provides, checksums, files }] : [];
	});
	return new Map(packages.map(one => [one.key, one]));
}

/** `/etc/apk/world`: what was asked for by name. */
export function readApkWorld(text: string): ReadonlySet<string> {
	return new Set(text.split(/\s+/).filter(word => word !== '').map(bareName));
}

/** `/var/lib/apt/extended_states`: what came only because something else needed it. */
export function readAutomatic(text: string): ReadonlySet<string> {
	return new Set(text.split(/\n\s*\n/).flatMap(paragraph => {
		const fields = fieldsOf(paragraph);
		return fields.get('auto-installed') === '1' ? fields.get('package') ?? [] : [];
	}));
}

/** What somebody did with a package manager, told by its databases before and after. */
export interface PackageChange {
	readonly manager: PackageManager;
	/** To be named in the command, by name; what they need comes by itself. */
	readonly named: readonly InstalledPackage[];
	/** Everything that came or changed its version, the named ones included. */
	readonly installed: readonly InstalledPackage[];
	readonly removed: readonly InstalledPackage[];
}

/**
 * `isAutomatic`: whether a package came only because another needed it. One that no named package needs (a recommended
 * one) is named all the same, so that the command brings exactly what is there.
 */
export function packageChange(manager: PackageManager, before: ReadonlyMap<string, InstalledPackage>, after: ReadonlyMap<string, InstalledPackage>, isAutomatic: (name: string) => boolean): PackageChange | undefined {
	const installed = [...after.values()].filter(({ key, version }) => before.get(key)?.version !== version).sort(byName);
	const removed = [...before.values()].filter(({ key }) => !after.has(key)).sort(byName);
	if (installed.length === 0 && removed.length === 0) {
		return undefined;
	}
	const named = new Set(installed.filter(({ name }) => !isAutomatic(name)));
	const reached = new Set<InstalledPackage>();
	named.forEach(one => { reach(one, installed, reached); });
	for (const one of installed) {
		if (!reached.has(one)) {
			named.add(one);
			reach(one, installed, reached);
		}
	}
	return { manager, named: [...named].sort(byName), installed, removed };
}

function reach(one: InstalledPackage, all: readonly InstalledPackage[], reached: Set<InstalledPackage>): void {
	if (reached.has(one)) {
		return;
	}
	reached.add(one);
	for (const need of one.needs) {
		for (const other of all) {
			if (other.name === need || other.provides.includes(need)) {
				reach(other, all, reached);
			}
		}
	}
}

/** The command that makes the same change, without what only it leaves behind. */
export function installCommand({ manager, named, removed }: PackageChange): string {
	const pinned = named.map(({ key, version }) => `${key}=${version}`);
	const gone = removed.map(({ key }) => key);
	const commands = manager === 'apk'
		? [...pinned.length === 0 ? [] : [words('apk add --no-cache', pinned)], ...gone.length === 0 ? [] : [words('apk del', gone)]]
		: [
			...pinned.length === 0 ? [] : ['apt-get update', words('DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends', pinned)],
			...gone.length === 0 ? [] : [words('dpkg --purge --force-depends', gone)],
			...pinned.length === 0 ? [] : ['apt-get clean', 'rm -rf /var/lib/apt/lists/*'],
		];
	return commands.join(' \\\n && ');
}

function words(command: string, names: readonly string[]): string {
	return names.length === 1 ? `${command} ${names[0]!}` : [command, ...names].join(' \\\n      ');
}

/** Paths that a package manager writes for itself, or that its installations make anew. */
export function isPackageBookkeeping(path: string): boolean {
	return bookkeeping.some(start => path === start || path.startsWith(`${start}/`));
}

const bookkeeping = [
	'/var/lib/dpkg', '/var/lib/apt', '/var/cache/apt', '/var/cache/debconf', '/var/log/apt', '/var/log/dpkg.log', '/var/log/alternatives.log',
	'/var/cache/ldconfig', '/etc/ld.so.cache', '/lib/apk', '/usr/lib/apk', '/etc/apk/world', '/var/cache/apk', '/var/log/apk.log',
];

function fieldsOf(paragraph: string): ReadonlyMap<string, string> {
	const fields = new Map<string, string>();
	let name = '';
	for (const line of paragraph.split('\n')) {
		const [, field, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
		if (field !== undefined) {
			name = field.toLowerCase();
			fields.set(name, value ?? '');
		} else if (/^\s/.test(line)) {
			fields.set(name, `${fields.get(name) ?? ''}\n${line}`);
		}
	}
	return fields;
}

function relations(field: string | undefined): readonly string[] {
	return (field ?? '').split(/[,|]/).map(one => /^\s*([\w.+-]+)/.exec(one)?.[1] ?? '').filter(name => name !== '');
}

function bareName(word: string): string {
	return word.replace(/[<>=~@].*$/s, '');
}

// They stand in a command that a shell reads: whoever made the image wrote them.
function isName(name: string): boolean {
	return /^[A-Za-z0-9][\w.+-]*$/.test(name);
}

function isVersion(version: string): boolean {
	return /^[\w.+:~-]+$/.test(version);
}

function byName(one: InstalledPackage, other: InstalledPackage): number {
	return one.key < other.key ? -1 : one.key > other.key ? 1 : 0;
}
