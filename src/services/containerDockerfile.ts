import { createHash } from 'node:crypto';
import type { Engine, ContainerSummary } from '../core/engine/engine';
import { runConfig } from '../core/engine/records/runConfig';
import { compareImages, type FileDifference } from '../core/layers/compare';
import { contentBytes, fileContent } from '../core/layers/content';
import type { LayerStack } from '../core/layers/layeredImage';
import { defaultLimits } from '../core/layers/limits';
import { childOf, findNode, resolveNode } from '../core/layers/tree';
import { baseNameOf } from '../core/rebuild/baseName';
import { planContainerDockerfile, type ContainerDockerfile, type PackageFiles } from '../core/rebuild/containerDockerfile';
import { readContainerTree } from '../core/rebuild/containerTree';
import { parentOf } from '../core/rebuild/copyPlan';
import { packageChange, readApkInstalled, readApkWorld, readAutomatic, readDpkgStatus, type InstalledPackage, type PackageChange } from '../core/rebuild/packages';
import { isRpmDatabase, readRpmLog, rpmLogs, type RpmChange } from '../core/rebuild/rpmChange';
import type { ExploredImages } from './exploredImages';

export interface ReadContainerOptions {
	readonly signal: AbortSignal;
	/** Bytes of the container read so far. */
	readonly onProgress?: (bytes: number) => void;
}

/** Everything that a container's Dockerfile says, read from the engine: the whole container once, its image at most once. */
export async function prepareContainerDockerfile(engine: Engine, explored: ExploredImages, container: ContainerSummary, canChmod: boolean, options: ReadContainerOptions): Promise<ContainerDockerfile> {
	const { signal } = options;
	const [image, { mounts }, imageRecord, containerRecord] = await Promise.all([
		engine.image(container.imageId, signal), engine.container(container.id, signal),
		engine.inspectImage(container.imageId), engine.inspectContainer(container.id),
	]);
	const named = { source: { kind: 'engine', reference: container.imageId } as const, name: container.image };
	const { stack } = await explored.get(named);
	const tree = await readContainerTree(await engine.exportContainer(container.id, signal), options);
	const { files: differences } = await compareImages(stack, tree, fingerprintUnknown);
	const fromImage: ReadText = async path => findNode(stack, path) === undefined ? ''
		: (await contentBytes(explored.read({ ...named, layer: stack.length - 1, path }, signal), defaultLimits)).toString('utf8');
	const fromContainer: ReadText = async path => (await contentsIn(engine, container.id, [path], signal)).get(path)?.toString('utf8') ?? '';
	const packages = await packagesOf(differences, fromImage, fromContainer);
	return planContainerDockerfile({
		base: baseNameOf(image, container.image),
		differences,
		folderOf: path => findNode(tree, path) ?? { mode: 0o755, uid: 0, gid: 0 },
		mounts,
		packages,
		rpm: await rpmChangeOf(differences, fromImage, fromContainer),
		packageFiles: packages === undefined ? noFiles : await filesOf(packages, differences, tree, fromImage, path => contentsIn(engine, container.id, path, signal)),
		imageConfig: runConfig(imageRecord),
		containerConfig: runConfig(containerRecord),
		hasShell: hasShell(tree),
		canChmod,
	});
}

type ReadText = (path: string) => Promise<string>;

const noFiles: PackageFiles = { installed: new Set(), edited: new Set(), removed: new Set(), missing: [] };

/** Where more of a package is missing, its manager was told not to bring it (dpkg, path-exclude). */
const mostMissing = 100;

/** An index that is read from an engine knows every content. */
export async function fingerprintUnknown(): Promise<string> {
	return Promise.reject(new Error('a content without a fingerprint'));
}

function hasShell(tree: LayerStack): boolean {
	return resolveNode(tree, '/bin/sh')?.kind === 'file' || resolveNode(tree, '/bin/sh')?.kind === 'hardlink';
}

const dpkg = '/var/lib/dpkg/status';
const automatic = '/var/lib/apt/extended_states';
const apk = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'];

async function packagesOf(differences: readonly FileDifference[], fromImage: ReadText, fromContainer: ReadText): Promise<PackageChange | undefined> {
	const isChanged = (path: string): boolean => differences.some(one => one.path === path && one.b !== undefined);
	const apkPath = apk.find(isChanged);
	if (isChanged(dpkg)) {
		const [before, after, states] = await Promise.all([fromImage(dpkg), fromContainer(dpkg), fromContainer(automatic)]);
		const needed = readAutomatic(states);
		return packageChange('apt', readDpkgStatus(before), readDpkgStatus(after), name => needed.has(name));
	}
	if (apkPath !== undefined) {
		const [before, after, world] = await Promise.all([fromImage(apkPath), fromContainer(apkPath), fromContainer('/etc/apk/world')]);
		const asked = readApkWorld(world);
		return packageChange('apk', readApkInstalled(before), readApkInstalled(after), name => !asked.has(name));
	}
	return undefined;
}

async function rpmChangeOf(differences: readonly FileDifference[], fromImage: ReadText, fromContainer: ReadText): Promise<RpmChange | undefined> {
	const changed = new Set(differences.filter(({ b }) => b !== undefined).map(({ path }) => path));
	if (![...changed].some(isRpmDatabase)) {
		return undefined;
	}
	const log = rpmLogs.find(({ path }) => changed.has(path));
	return log === undefined ? { program: undefined, installed: [], removed: [] } : readRpmLog(log.program, await fromImage(log.path), await fromContainer(log.path));
}

async function filesOf({ manager, installed, removed }: PackageChange, differences: readonly FileDifference[], tree: LayerStack, fromImage: ReadText, contents: (paths: readonly string[]) => Promise<ReadonlyMap<string, Buffer>>): Promise<PackageFiles> {
	const lists = (packages: readonly InstalledPackage[]): readonly string[] => packages.map(({ key }) => `/var/lib/dpkg/info/${key}.list`);
	const inContainer = manager === 'apt' ? await contents(lists(installed)) : new Map<string, Buffer>();
	const of = async (one: InstalledPackage, list: string | undefined): Promise<readonly string[]> => one.files ?? pathsOf(list ?? '');
	const ours = (await Promise.all(installed.map(one => of(one, inContainer.get(`/var/lib/dpkg/info/${one.key}.list`)?.toString('utf8'))))).flat();
	const gone = (await Promise.all(removed.map(async one => of(one, manager === 'apt' ? await fromImage(`/var/lib/dpkg/info/${one.key}.list`) : undefined)))).flat();
	const sums = new Map(installed.flatMap(({ checksums }) => [...checksums]));
	// Configuration is what people edit; a package's other files are taken to be its own, and the comparison shows where not.
	const checked = differences.filter(({ path, b }) => b !== undefined && sums.has(path) && (manager === 'apt' || path.startsWith('/etc/'))).map(({ path }) => path);
	const found = await contents(checked);
	const edited = checked.filter(path => {
		const content = found.get(path);
		return content !== undefined && createHash(manager === 'apt' ? 'md5' : 'sha1').update(content).digest('hex') !== sums.get(path);
	});
	// A package may name a file through a link to a folder: /lib/x where /lib is /usr/lib.
	const places = ours.map(path => ({ path, place: placeOf(tree, path) }));
	const missing = places.filter(({ place }) => place === undefined).map(({ path }) => path);
	return {
		installed: new Set([...ours, ...places.flatMap(({ place }) => place ?? [])]),
		edited: new Set(edited),
		removed: new Set(gone),
		missing: missing.length > mostMissing ? [] : missing.filter(path => !missing.includes(parentOf(path))),
	};
}

/** Where a path really is, links to folders followed; undefined where nothing is. */
function placeOf(tree: LayerStack, path: string): string | undefined {
	const folder = resolveNode(tree, parentOf(path));
	return folder === undefined ? undefined : path === '/' || path.endsWith('/.') ? folder.path : childOf(tree, folder, path.slice(path.lastIndexOf('/') + 1))?.path;
}

function pathsOf(list: string): readonly string[] {
	return list.split('\n').filter(path => path.startsWith('/'));
}

/** The bytes of files in a container; what is gone meanwhile is left out. */
async function contentsIn(engine: Engine, id: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Buffer>> {
	const contents = new Map<string, Buffer>();
	for (const path of paths) {
		if ((await engine.statInContainer(id, path, signal))?.kind === 'file') {
			const stream = await engine.readFromContainer(id, path, signal);
			contents.set(path, await contentBytes(fileContent(stream, defaultLimits), defaultLimits));
		}
	}
	return contents;
}
