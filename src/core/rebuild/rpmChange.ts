/**
 * What somebody did with rpm in a container. Its database is none that is read as text (SQLite, or Berkeley DB and ndb
 * before), so which files are whose is not known; the logs of the programs above it say what came and went.
 */
export interface RpmChange {
	/** The program that logged it; undefined where none did. */
	readonly program: RpmProgram | undefined;
	/** As rpm names them, `name-version-release.architecture`, in the order in which they came. */
	readonly installed: readonly string[];
	readonly removed: readonly string[];
}

export type RpmProgram = 'dnf' | 'yum' | 'zypper';

/** Whether a file is rpm's database: SQLite, ndb or Berkeley DB, in its old place or its new one (rpm, docs of `_dbpath`). */
export function isRpmDatabase(path: string): boolean {
	return /^\/(var\/lib|usr\/lib\/sysimage)\/rpm\/(rpmdb\.sqlite|Packages\.db|Packages)$/.test(path);
}

/** Where the programs above rpm log what they do with packages. */
export const rpmLogs: readonly { readonly program: RpmProgram; readonly path: string }[] = [
	{ program: 'dnf', path: '/var/log/dnf.rpm.log' },
	{ program: 'zypper', path: '/var/log/zypp/history' },
	{ program: 'yum', path: '/var/log/yum.log' },
];

/**
 * What the log of a container says beyond that of its image. A log that does not begin with the image's was rotated: what
 * it says need not be all, so it says nothing.
 */
export function readRpmLog(program: RpmProgram, before: string, after: string): RpmChange {
	const lines = after.startsWith(before) ? after.slice(before.length).split('\n') : [];
	const installed = new Set<string>();
	const removed = new Set<string>();
	for (const line of lines) {
		const [did, name] = program === 'zypper' ? zypperEntry(line) : dnfEntry(line);
		if (name !== undefined && isPackageName(name)) {
			const [to, from] = did === 'came' ? [installed, removed] : [removed, installed];
			// What came and went again did neither.
			if (!from.delete(name)) {
				to.add(name);
			}
		}
	}
	return { program: installed.size + removed.size === 0 ? undefined : program, installed: [...installed], removed: [...removed] };
}

type Entry = readonly ['came' | 'went', string] | readonly [];

/** `2024-05-01T10:00:00+0000 SUBDEBUG Installed: tree-1.8.0-10.el9.x86_64`, and the same without the level (yum 3). */
function dnfEntry(line: string): Entry {
	const [, action, name] = /\s(Installed|Upgrade|Upgraded|Updated|Downgrade|Downgraded|Reinstalled|Erase|Erased|Removed): (\S+)\s*$/.exec(line) ?? [];
	switch (action) {
		case 'Installed':
		case 'Upgrade':
		case 'Updated':
		case 'Downgrade':
			return ['came', withoutEpoch(name ?? '')];
		case 'Erase':
		case 'Erased':
		case 'Removed':
			return ['went', withoutEpoch(name ?? '')];
		// Upgraded and Downgraded name the version that was there before: its place is taken, not empty.
		default:
			return [];
	}
}

/** `2024-01-01 12:00:00|install|tree|1.8.0-1.2|x86_64|root@host|repository|checksum|` (zypper, history format). */
function zypperEntry(line: string): Entry {
	const [, action, name, version, architecture] = line.split('|').map(part => part.trim());
	return action === 'install' || action === 'remove' ? [action === 'install' ? 'came' : 'went', `${name ?? ''}-${version ?? ''}.${architecture ?? ''}`] : [];
}

/** yum writes the epoch before the name (`1:nginx-…`), dnf none or within; a command takes the name without. */
function withoutEpoch(name: string): string {
	return name.replace(/^\d+:/, '');
}

// They stand in a command that a shell reads: whoever made the image wrote them.
function isPackageName(name: string): boolean {
	return /^[A-Za-z0-9][\w.+:~^-]*$/.test(name);
}

/** The command that would bring the same packages, where a log says which; what removed packages had is not in it. */
export function rpmCommand({ program, installed, removed }: RpmChange): string | undefined {
	if (program === undefined) {
		return undefined;
	}
	const quiet = program === 'zypper' ? 'zypper --non-interactive' : `${program} -y`;
	return [
		...installed.length === 0 ? [] : [`${quiet} install ${installed.join(' ')}`],
		...removed.length === 0 ? [] : [`${quiet} remove ${removed.join(' ')}`],
		...program === 'zypper' ? ['zypper clean --all'] : [`${program} clean all`],
	].join(' && ');
}
