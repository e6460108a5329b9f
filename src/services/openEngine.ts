import type { Endpoint, Engine } from '../core/engine/engine';

export type OpenEngine = (endpoint: Endpoint, signal?: AbortSignal) => Promise<Engine>;

/** The engine at an endpoint. dockerode is loaded here, at the first use, and nowhere else. */
export const openEngine: OpenEngine = async (endpoint, signal) => {
	const { createDockerEngine } = await import('../core/engine/dockerEngine');
	return createDockerEngine(endpoint, signal);
};
