import { formatBytes } from '../core/base/bytes';
import { groups } from '../core/base/groups';
import type { ContainerDockerfile, LeftOut, LeftOutReason } from '../core/rebuild/containerDockerfile';
import { octal, type CopyUnit, type Repair } from '../core/rebuild/copyPlan';
import { installCommand } from '../core/rebuild/packages';
import { rpmCommand } from '../core/rebuild/rpmChange';
import { dockerfileComment } from './dockerfileComment';
import { oneLine } from './rows';
import type { Translate } from './translate';

export interface ContainerWords {
	readonly name: string;
	readonly id: string;
	/** As the container was started from it. */
	readonly image: string;
}

/** The Dockerfile of a container's changes: instructions with what a reader has to know as comments. */
export function containerDockerfileText(plan: ContainerDockerfile, container: ContainerWords, t: Translate): string {
	const { base, packages, units, repairs, removals, userAfter } = plan;
	const runs = [
		...packages === undefined ? [] : [[dockerfileComment(packageWords(packages.named.length, packages.installed.length, packages.removed.length, t)), `RUN ${installCommand(packages)}`]],
		...removals.length === 0 ? [] : [[dockerfileComment(t('Removed in the container, or about to become something else.')), `RUN rm -rf${listed(removals)}`]],
	];
	const copies = units.length === 0 && repairs.length === 0 ? [] : [[
		...rpmWords(plan, t).map(dockerfileComment),
		dockerfileComment(t('Files added or changed: {0} ({1}). They lie beside this Dockerfile.', plan.files, formatBytes(plan.bytes))),
		...units.map(copyInstruction),
		...repairs.length === 0 ? [] : [`RUN ${repairCommand(repairs)}`],
	]];
	const needsRoot = userAfter !== undefined;
	const config = plan.config.filter(({ unwritable }) => unwritable === undefined).map(({ instruction }) => instruction);
	const unwritable = plan.config.filter(one => one.unwritable !== undefined);
	return [
		[
			dockerfileComment(t('The container {0} ({1}) as a Dockerfile: what changed in it since it was made from {2}.', oneLine(container.name), container.id.slice(0, 12), oneLine(container.image))),
			dockerfileComment(t('Review it: it says what is different, not why. Then build it, and let Strata compare the result with the container.')),
		],
		[...baseWords(plan, t).map(dockerfileComment), `FROM ${base.text}`],
		...needsRoot ? [[dockerfileComment(t('Only root may do what follows; the image\'s own user is back below.')), 'USER 0']] : [],
		...runs,
		...copies,
		...config.length === 0 && !needsRoot ? [] : [[
			...config.length === 0 ? [] : [dockerfileComment(t('What the container was started with, where the image says otherwise.'))],
			...config,
			...needsRoot && !config.some(line => line.startsWith('USER ')) ? [`USER ${userAfter}`] : [],
		]],
		...plan.leftOut.length === 0 && unwritable.length === 0 ? [] : [[
			dockerfileComment(t('Not in this Dockerfile:')),
			...plan.leftOut.flatMap(one => leftOutWords(one, t)).map(dockerfileComment),
			...unwritable.map(({ subject, unwritable: why }) => dockerfileComment(`  ${oneLine(subject)}: ${why === 'secret' ? t('its name looks like a secret\'s; give it when the container is run')
				: why === 'removed' ? t('no instruction takes it away') : t('no instruction can say a value of several lines')}`)),
		]],
	].map(block => block.join('\n')).join('\n\n') + '\n';
}

function baseWords({ base }: ContainerDockerfile, t: Translate): readonly string[] {
	switch (base.kind) {
		case 'digest': return [t('By digest: the very image that the container was made from.')];
		case 'tag': return [
			t('By tag, since no registry gave this image a digest: the tag may name another image tomorrow.'),
			t('The container was made from {0}.', base.imageId),
		];
		case 'id': return [t('By ID, since the image has no name: only this engine knows it, and BuildKit builds from names only. Tag it, and name the tag here.')];
	}
}

function packageWords(named: number, all: number, removed: number, t: Translate): string {
	return [
		...named === 0 ? [] : [t('Packages that were installed: {0}, and {1} that they need.', named, all - named)],
		...removed === 0 ? [] : [t('Packages that were removed: {0}.', removed)],
	].join(' ');
}

/** Strata does not know which files are rpm's packages': it says so, and what a person could write in their place. */
function rpmWords({ rpm }: ContainerDockerfile, t: Translate): readonly string[] {
	if (rpm === undefined) {
		return [];
	}
	const command = rpmCommand(rpm);
	return [
		t('Packages were changed through rpm. Its database does not tell Strata whose a file is, so their files are copied, and the database with them.'),
		...command === undefined ? [t('No log says which packages they were.')] : [t('The log of {0} says what they were. To have them installed instead of copied:', rpm.program ?? ''), `  RUN ${command}`],
	];
}

function copyInstruction({ folder, root, owner, mode }: CopyUnit): string {
	const flags = [...owner === undefined ? [] : [`--chown=${owner.uid}:${owner.gid}`], ...mode === undefined ? [] : [`--chmod=${octal(mode)}`]];
	const paths = [`${folder}${root === '/' ? '' : escapedSource(root)}/`, root === '/' ? '/' : `${escapedWord(root)}/`];
	const words = paths.some(path => /[\s"'[]/.test(path)) ? [JSON.stringify(paths)] : paths;
	return ['COPY', ...flags, ...words].join(' ');
}

/** `$` and `\` mean something in the paths of a COPY. */
function escapedWord(path: string): string {
	return path.replace(/[\\$]/g, character => `\\${character}`);
}

/** A source is a pattern as well (Go, filepath.Match). */
function escapedSource(path: string): string {
	return escapedWord(path).replace(/[*?[]/g, character => `[${character}]`);
}

function repairCommand(repairs: readonly Repair[]): string {
	const byCommand = groups(repairs.map(repair => [repair.kind === 'mode' ? `chmod ${octal(repair.mode)}` : `chown ${repair.uid}:${repair.gid}`, repair.path]));
	// An owner given later takes the bits of set-user-ID away.
	return [...byCommand].sort(([one], [other]) => Number(one.startsWith('chmod')) - Number(other.startsWith('chmod')))
		.map(([command, paths]) => `${command}${listed(paths)}`).join(' \\\n && ');
}

function listed(paths: readonly string[]): string {
	return paths.length === 1 ? ` ${shellWord(paths[0]!)}` : paths.map(path => ` \\\n    ${shellWord(path)}`).join('');
}

/** A word that a POSIX shell takes as it is. */
export function shellWord(text: string): string {
	return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}

/** Paths named of each reason; the rest is counted. */
const mostNamed = 8;

function leftOutWords({ reason, paths }: LeftOut, t: Translate): readonly string[] {
	// What a package manager keeps for itself is many files that say nothing each.
	const named = reason === 'packageManager' || reason === 'packageLists' ? [] : paths.slice(0, mostNamed);
	const more = paths.length - named.length;
	return [
		`  ${describeLeftOut(reason, paths.length, t)}`,
		...named.map(path => `    ${oneLine(path)}`),
		...named.length > 0 && more > 0 ? [`    ${t('and {0} more', more)}`] : [],
	];
}

/** Why paths are not in the Dockerfile. */
export function describeLeftOut(reason: LeftOutReason, count: number, t: Translate): string {
	switch (reason) {
		case 'packageManager': return t('Files that the package manager writes itself, its database, logs and caches: {0}.', count);
		case 'packageLists': return t('Files of package lists and caches, which are fetched anew: {0}.', count);
		case 'special': return t('Devices and pipes, which COPY does not make ({0}):', count);
		case 'name': return t('Paths whose names no Dockerfile can hold ({0}):', count);
		case 'noShell': return t('Changes that need a shell, which the image does not have ({0}):', count);
		case 'mounted': return t('Mounts, whose content belongs to no image ({0}):', count);
	}
}
