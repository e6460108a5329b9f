import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plainBuild, type BuildOptions } from '../../src/core/build/buildOptions';
import type { BuildEvent } from '../../src/core/build/events';
import type { BuildRecord } from '../../src/core/build/record';
import type { BuildMessage, Builder, Engine } from '../../src/core/engine/engine';
import { BuildRunner, type Build } from '../../src/services/buildRunner';
import { PendingUploads } from '../../src/services/pendingUploads';
import { RecordStore } from '../../src/services/recordStore';
import { infoOf } from '../support/infoOf';

/** A build as a test looks at it. */
export interface Built extends Build {
	readonly record: BuildRecord;
	/** What the engine said, in its own words. */
	readonly messages: readonly BuildMessage[];
	readonly events: readonly BuildEvent[];
}

/** A folder to build from, on one engine with one builder, whose images are removed in the end. */
export interface Workshop {
	readonly folder: string;
	readonly engine: Engine;
	readonly runner: BuildRunner;
	readonly records: RecordStore;
	readonly uploads: PendingUploads;
	/** Different for each workshop: put into a Dockerfile it makes steps that no cache knows. */
	readonly nonce: string;
	write(path: string, content: string | Uint8Array): Promise<void>;
	/** Builds `Dockerfile` in the folder, and waits for all that comes after. */
	build(options?: Partial<BuildOptions>, signal?: AbortSignal): Promise<Built>;
}

let count = 0;

/** `direct` is the way to the engine by which the images are removed, where `engine` may not be there in the end. */
export async function inWorkshop<T>(engine: Engine, builder: Builder, files: Readonly<Record<string, string | Uint8Array>>, use: (workshop: Workshop) => Promise<T>, direct = engine): Promise<T> {
	const startedAt = Date.now();
	// A Dockerfile that is only FROM makes no image of its own: its result is the base.
	const earlier = (await engine.images().catch(() => [])).map(({ id }) => id);
	const folder = await mkdtemp(join(tmpdir(), 'strata-test-'));
	const said: BuildMessage[] = [];
	const listening = overheard(engine, message => { said.push(message); });
	const records = new RecordStore({ folder: join(folder, '..', `${folder}-records`), log: message => { throw new Error(message); } });
	const problems: string[] = [];
	const uploads = new PendingUploads(join(folder, '..', `${folder}-uploads`));
	const runner = new BuildRunner({ records, uploads, secretKey: () => Promise.resolve('key'), machine: process, credentials: () => Promise.resolve({}), log: message => { problems.push(message); } });
	const builds: Build[] = [];
	const nonce = `${process.pid}x${Date.now()}x${count++}`;
	const workshop: Workshop = {
		folder, engine, runner, records, uploads, nonce,
		async write(path, content) {
			await mkdir(dirname(join(folder, path)), { recursive: true });
			await writeFile(join(folder, path), typeof content === 'string' ? content.replaceAll('NONCE', nonce) : content);
		},
		async build(options = {}, signal) {
			said.length = 0;
			problems.length = 0;
			const received: { id: string; event: BuildEvent }[] = [];
			const subscription = runner.onDidReceive(one => { received.push(one); });
			const asked = { ...plainBuild(folder, join(folder, 'Dockerfile')), network: 'host' as const, builder, labels: {}, ...options };
			const build = await runner.build(listening, await infoOf(engine), asked, signal);
			builds.push(build);
			await runner.idle();
			subscription.dispose();
			// Without its engine, nothing that comes after a build can be done.
			if (problems.length > 0 && build.run.error?.kind !== 'engineGone') {
				throw new Error(problems.join('\n'));
			}
			const record = (await records.list({ engineId: build.engineId, dockerfilePath: asked.dockerfilePath, target: asked.target })).find(({ id }) => id === build.id);
			return { ...build, record: record!, messages: [...said], events: received.filter(({ id }) => id === build.id).map(({ event }) => event) };
		},
	};
	try {
		for (const [path, content] of Object.entries(files)) {
			await workshop.write(path, content);
		}
		return await use(workshop);
	} finally {
		const made = [...imagesOf(builds), ...await strayImages(direct, nonce, startedAt)];
		for (const image of made.filter(id => !earlier.some(known => known.includes(id.replace('sha256:', ''))))) {
			await direct.removeImage(image, { force: true }).catch(() => []);
		}
		runner.dispose();
		await rm(folder, { recursive: true, force: true });
		await rm(`${folder}-records`, { recursive: true, force: true });
		await rm(`${folder}-uploads`, { recursive: true, force: true });
	}
}

/** Every image that the builds made: the results, and the classic builder's of each stage, children first. */
export function imagesOf(builds: readonly Build[]): readonly string[] {
	const ids = builds.toReversed().flatMap(({ run, resolved }) => [
		...run.imageId === undefined ? [] : [run.imageId],
		...run.steps.toReversed().flatMap(({ imageId, instruction }) =>
			imageId === undefined || resolved.dockerfile.instructions[instruction]?.keyword === 'FROM' ? [] : [imageId]),
	]);
	return [...new Set(ids)];
}

/** Images that others than this workshop's runner built of its files: the classic builder keeps one of each stage. */
async function strayImages(engine: Engine, nonce: string, since: number): Promise<readonly string[]> {
	const untagged = (await engine.images().catch(() => [])).filter(({ references, createdAt }) => references.length === 0 && createdAt >= since - 1000);
	const found = await Promise.all(untagged.map(async ({ id }) => {
		const rows = await engine.history(id).catch(() => []);
		return rows.some(({ createdBy }) => createdBy.includes(nonce)) ? [id] : [];
	}));
	return found.flat();
}

/** The engine, each message of whose builds is told. */
function overheard(engine: Engine, hear: (message: BuildMessage) => void): Engine {
	return {
		...engine,
		async *build(request, tar, signal) {
			for await (const message of engine.build(request, tar, signal)) {
				hear(message);
				yield message;
			}
		},
	};
}

/** `line outcome` for the instructions that make layers; the others have nothing that could be cached in BuildKit. */
export function drawLayers({ record, resolved }: Built): readonly string[] {
	return record.instructions.flatMap(({ line, outcome }, at) => resolved.instructions[at]!.layer ? [`${line} ${outcome}`] : []);
}

/** All that was printed. */
export function outputOf({ events }: Built): string {
	return Buffer.concat(events.flatMap(event => event.kind === 'log' ? [event.data] : [])).toString('utf8');
}
