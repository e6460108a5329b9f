import { dockerConfigFolder, pathsOf, type EndpointWorld } from './endpointWorld';
import { jsonOf, recordOf, someTextOf } from './records/wire';

/** What the command line notes of a build that it asked for: where its Dockerfile is. Absolute paths. */
export interface BuildxRef {
	readonly ref: string;
	readonly contextPath: string;
	readonly dockerfilePath: string;
}

type BuildxWorld = Pick<EndpointWorld, 'env' | 'homeDir' | 'platform' | 'readFile' | 'readFolder'>;

/**
 * The builds that buildx asked for on this machine, as far as `isNew` says: `docker build`, `docker compose build` and
 * `docker buildx bake` are buildx (docker/buildx, localstate/localstate.go). Builds of what is no folder here are left out.
 */
export async function buildxRefs(world: BuildxWorld, isNew: (ref: string) => boolean): Promise<readonly BuildxRef[]> {
	const path = pathsOf(world);
	const refs = path.join(world.env['BUILDX_CONFIG'] || path.join(dockerConfigFolder(world), 'buildx'), 'refs');
	const below = async (folders: readonly string[]): Promise<readonly string[]> =>
		(await Promise.all(folders.map(async folder => (await world.readFolder(folder)).map(name => path.join(folder, name))))).flat();
	const nodes = await below(await below([refs]));
	const files = (await below(nodes)).filter(file => isNew(path.basename(file)));
	const found: BuildxRef[] = [];
	// buildx never removes them: years of builds may lie there.
	for (let at = 0; at < files.length; at += mostAtOnce) {
		const states = await Promise.all(files.slice(at, at + mostAtOnce).map(async file => [file, await world.readFile(file)] as const));
		for (const [file, state] of states) {
			const places = placesOf(state, path);
			if (places !== undefined) {
				found.push({ ref: path.basename(file), ...places });
			}
		}
	}
	return found;
}

/** Files that are open at the same time. */
const mostAtOnce = 64;

function placesOf(bytes: Buffer | undefined, path: ReturnType<typeof pathsOf>): Omit<BuildxRef, 'ref'> | undefined {
	const state = recordOf(jsonOf(bytes));
	const contextPath = someTextOf(state['LocalPath']);
	if (contextPath === undefined || !path.isAbsolute(contextPath)) {
		return undefined;
	}
	const dockerfilePath = someTextOf(state['DockerfilePath']) ?? path.join(contextPath, 'Dockerfile');
	return path.isAbsolute(dockerfilePath) ? { contextPath: path.normalize(contextPath), dockerfilePath: path.normalize(dockerfilePath) } : undefined;
}
