import { whyNotRootOnDebian } from './debian.mjs';
import { baseImage, busybox, debianArchive } from './bases.mjs';
import { installEngine, startEngine } from './engines.mjs';
import { inventory, leftBehind } from './leftovers.mjs';
import { findSkopeo } from './skopeo.mjs';
import { findUserEngine } from './userEngine.mjs';

/** One per builder generation. */
const versions = ['20.10', '28.5'];

/**
 * The engines of a test run: `{ engines: [{ name, host }], leftBehind(), keep(), stop() }`. Ours where we
 * may start them, else the user's; those of STRATA_TEST_ENGINES before either. Kept ones live on when this process ends,
 * until the next run sweeps them.
 */
export async function testEngines() {
	if (process.env.STRATA_TEST_ENGINES) {
		return shared(JSON.parse(process.env.STRATA_TEST_ENGINES));
	}
	const why = await whyNotRootOnDebian();
	if (!why) {
		return ours();
	}
	const host = await findUserEngine();
	if (!host) {
		console.log(`No engine: none answers, and none can be brought up because ${why}. Start Docker, or set DOCKER_HOST.`);
		return shared([]);
	}
	console.log(`Both builders are tested on your engine at ${host}, because ${why}.`);
	await baseImage(host);
	return shared([{ name: 'yours', host }]);
}

/** Installs what `testEngines` starts and what the tests on them use. */
export async function installTestEngines() {
	if (!process.env.STRATA_TEST_ENGINES && !await whyNotRootOnDebian()) {
		await Promise.all([...versions.map(installEngine), busybox(), debianArchive(), findSkopeo()]);
	}
}

async function ours() {
	const settled = await Promise.allSettled(versions.map(version => startEngine(version, { inMemory: true })));
	const started = settled.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
	const stop = async () => { await Promise.all(started.map(engine => engine.stop())); };
	const failure = settled.find(({ status }) => status === 'rejected');
	if (failure) {
		await stop();
		throw failure.reason;
	}
	const before = new Map(await Promise.all(started.map(async ({ name, host }) => [name, await inventory(host)])));
	return {
		engines: started.map(({ name, host }) => ({ name, host })),
		keep: () => { started.forEach(engine => { engine.keep(); }); },
		stop,
		async leftBehind() {
			const perEngine = await Promise.all(started.map(async ({ name, host }) =>
				(await leftBehind(host, before.get(name))).map(line => `${name}: ${line}`)));
			return perEngine.flat();
		},
	};
}

/** Engines that others use too: what appears in them during the run need not be ours, so it is not judged. */
function shared(engines) {
	return { engines, keep: () => {}, stop: async () => {}, leftBehind: async () => [] };
}
