import { ask } from './engineApi.mjs';

/** What is in an engine now, one readable line each: images, tags, containers, contexts in the build cache. */
export async function inventory(host) {
	const [images, containers, usage, info] = await Promise.all([
		ask(host, '/images/json'), ask(host, '/containers/json?all=1'), ask(host, '/system/df'), ask(host, '/info'),
	]);
	// There the removal of any record costs others, so uploads are left to the engine (src/core/cache/keepsCacheOnPrune.ts).
	const isContainerd = JSON.stringify(info.DriverStatus ?? []).includes('io.containerd.snapshotter');
	return new Set([
		...images.map(({ Id }) => `image ${Id}`),
		...images.flatMap(({ RepoTags }) => RepoTags ?? []).map(tag => `tag ${tag}`),
		...containers.map(({ Names, Id }) => `container ${Names?.[0] ?? Id}`),
		// Every build sends its context under a new address, so this record can never be used again.
		...(isContainerd ? [] : usage.BuildCache ?? []).filter(({ Description }) => /http url http:\/\/build-context-/.test(Description))
			.map(({ ID, Description }) => `build cache ${ID} (${Description})`),
	]);
}

/** What is there now and was not before; of an image also what it was made by, newest first. */
export async function leftBehind(host, before) {
	const left = [...await inventory(host)].filter(line => !before.has(line));
	return Promise.all(left.map(async line => {
		const id = /^image (.*)/.exec(line)?.[1];
		const history = id === undefined ? [] : await ask(host, `/images/${id}/history`);
		return [line, ...history.map(({ CreatedBy }) => CreatedBy)].slice(0, 4).join(' < ');
	}));
}
