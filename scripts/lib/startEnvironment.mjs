import { nodeImage, sampleArguments } from './bases.mjs';
import { whyNotRootOnDebian } from './debian.mjs';
import { startEngine } from './engines.mjs';
import { findUserEngine } from './userEngine.mjs';

/**
 * An engine to show Strata on, and the editor's settings for it: the user's, or else one of our own with
 * the samples' bases on it. `{ host, isOwn, settings, stop }`. Where none can be had it fails, or if `mayLack` says
 * why and `host` is undefined: archives are explored without one.
 */
export async function demonstrationEngine({ mayLack = false } = {}) {
	const host = await findUserEngine();
	if (host) {
		console.log(`Engine: yours, ${host}`);
		return { host, isOwn: false, settings: {}, stop: async () => {} };
	}
	const why = await whyNotRootOnDebian();
	if (why && mayLack) {
		console.log(`Engine: none answers, and none can be brought up because ${why}. Strata opens on a sample archive, which needs none.`);
		return { host: undefined, isOwn: false, settings: {}, stop: async () => {} };
	}
	if (why) {
		throw new Error(`No engine answers, and none can be brought up because ${why}. Start Docker, or set DOCKER_HOST.`);
	}
	console.log('Engine: none answers, so one is brought up for as long as this runs. The first time takes two minutes.');
	const engine = await startEngine('28.5');
	try {
		await nodeImage(engine.host);
	} catch (error) {
		await engine.stop();
		throw error;
	}
	const settings = {
		'strata.engine.endpoint': engine.host,
		'strata.build.arguments': sampleArguments,
		// Our engines have no bridge of their own.
		'strata.build.network': 'host',
	};
	return { host: engine.host, isOwn: true, settings, stop: engine.stop };
}
