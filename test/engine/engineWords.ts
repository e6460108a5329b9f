import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BuildMessage } from '../../src/core/engine/engine';

/** What an engine itself called cached, read without Strata's own decoder. */
export interface EngineWords {
	/** Classic: numbers of the steps, from 1, that were `Using cache`, and of all steps. */
	readonly cachedSteps: ReadonlySet<number>;
	readonly steps: ReadonlySet<number>;
	/** BuildKit: names of the steps (without their stage and number) that were CACHED, and of those that were DONE. */
	readonly cachedVertices: ReadonlySet<string>;
	readonly doneVertices: ReadonlySet<string>;
}

interface Vertex {
	readonly digest: string;
	readonly name: string;
	readonly cached: boolean;
	readonly started?: unknown;
	readonly completed?: unknown;
	readonly error: string;
}

export function engineWords(messages: readonly BuildMessage[]): EngineWords {
	const cachedSteps = new Set<number>();
	const steps = new Set<number>();
	const vertices = new Map<string, Vertex>();
	let step = 0;
	for (const { stream, aux, id } of messages) {
		const number = /^Step (\d+)\/\d+ : /.exec(stream ?? '')?.[1];
		if (number !== undefined) {
			step = Number(number);
			steps.add(step);
		} else if (stream === ' ---> Using cache\n') {
			cachedSteps.add(step);
		}
		if (id === 'moby.buildkit.trace' && typeof aux === 'string') {
			for (const vertex of statusResponse(aux)) {
				const before = vertices.get(vertex.digest);
				vertices.set(vertex.digest, {
					...before, ...vertex, cached: vertex.cached || before?.cached === true,
					completed: vertex.completed ?? before?.completed, error: vertex.error || (before?.error ?? ''),
				});
			}
		}
	}
	const named = [...vertices.values()].flatMap(({ name, cached, completed, error }) => {
		const text = /^\[[^\]]*\d+\/\d+\] (?:ONBUILD )?(.*)$/s.exec(name)?.[1];
		return text === undefined || text.startsWith('FROM ') || completed === undefined || error !== '' ? [] : [{ text, cached }];
	});
	return {
		cachedSteps, steps,
		cachedVertices: new Set(named.filter(({ cached }) => cached).map(({ text }) => text)),
		doneVertices: new Set(named.filter(({ cached }) => !cached).map(({ text }) => text)),
	};
}

/** Decoded by protobufjs with the schema that dockerode carries: somebody else's reading of the same bytes. */
function statusResponse(base64: string): readonly Vertex[] {
	const decoded = statusType.toObject(statusType.decode(Buffer.from(base64, 'base64')), { defaults: false }) as { vertexes?: readonly Partial<Vertex>[] };
	return (decoded.vertexes ?? []).map(vertex => ({ digest: '', name: '', cached: false, error: '', ...vertex }));
}

interface MessageType {
	decode(bytes: Uint8Array): unknown;
	toObject(message: unknown, options: object): unknown;
}

const dockerode = createRequire(import.meta.url).resolve('dockerode');
const protobuf = createRequire(dockerode)('protobufjs') as { loadSync(path: string): { lookupType(name: string): MessageType } };
const statusType = protobuf.loadSync(join(dirname(dockerode), 'proto', 'buildkit_status.proto')).lookupType('moby.buildkit.v1.StatusResponse');
