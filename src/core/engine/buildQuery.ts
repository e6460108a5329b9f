import type { BuildRequest, RegistryCredential } from './engine';

/** The parameters of `POST /build` (Engine API, ImageBuild). */
export function buildQuery(request: BuildRequest): Record<string, string | readonly string[]> {
	return {
		dockerfile: request.dockerfile,
		version: request.builder === 'buildkit' ? '2' : '1',
		buildid: request.buildId,
		// Classic leaves the container of a failed step behind without `forcerm`.
		rm: '1',
		forcerm: '1',
		...(request.tags.length > 0 ? { t: request.tags } : {}),
		...(request.target === undefined ? {} : { target: request.target }),
		...(Object.keys(request.buildArgs).length > 0 ? { buildargs: JSON.stringify(request.buildArgs) } : {}),
		...(Object.keys(request.labels).length > 0 ? { labels: JSON.stringify(request.labels) } : {}),
		...(request.noCache ? { nocache: '1' } : {}),
		...(request.pull ? { pull: '1' } : {}),
		...(request.platform === undefined ? {} : { platform: request.platform }),
		...(request.network === undefined ? {} : { networkmode: request.network }),
	};
}

/**
 * The header `X-Registry-Config` (Engine API, ImageBuild): what the classic builder pulls bases with, by registry.
 * The engine decodes base64url, which docker-modem does not write.
 */
export function registryConfig(credentials: Readonly<Record<string, RegistryCredential>>): string {
	const config = Object.fromEntries(Object.entries(credentials).map(([registry, credential]) => [registry, {
		username: credential.username,
		password: credential.password,
		serveraddress: registry,
		...(credential.identityToken === undefined ? {} : { identitytoken: credential.identityToken }),
	}]));
	return Buffer.from(JSON.stringify(config)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
