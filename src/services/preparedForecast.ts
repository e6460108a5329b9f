import type { Slices } from '../core/base/slices';
import type { BuildOptions } from '../core/build/buildOptions';
import { forecasting } from '../core/cache/forecast';
import type { ManifestEntry } from '../core/cache/manifest';
import type { Forecast } from '../core/cache/reason';
import type { CacheRules } from '../core/cache/rules';
import type { BaseImage } from '../core/cache/stepRequest';
import type { Dockerfile } from '../core/dockerfile/model';
import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { Builder } from '../core/engine/engine';
import type { BuildContext } from './buildContext';
import { namedPaths } from './cacheAdvisor';
import type { CacheHistory } from './cacheHistory';
import type { AskedImages, CacheLoss } from './cacheLoss';
import { readingInputs, type ContextSnapshot, type InputsOfText } from './contextSnapshot';
import type { ReadyConnection } from './engineConnection';
import { imagesOf } from './resolveForBuild';

/** All that a forecast is made of, in memory: with it, a key press asks neither engine nor disk. */
export interface PreparedForecast {
	readonly ready: ReadyConnection;
	readonly builder: Builder;
	readonly rules: CacheRules;
	readonly context: BuildContext;
	readonly history: CacheHistory;
	readonly secretKey: string | Uint8Array;
	snapshot: ContextSnapshot;
	/** The text that was read last. */
	resolved: ResolvedDockerfile | undefined;
	bases: Readonly<Record<string, BaseImage>>;
	/** Images that were looked for, whether the engine has them or not. */
	readonly looked: Set<string>;
	/** Files whose content was to be read; one that cannot be is not tried again until something changes. */
	readonly tried: Set<string>;
	/** Lists of files of earlier builds that comparisons asked for; undefined: not kept. */
	readonly manifests: Map<string, readonly ManifestEntry[] | undefined>;
}

export interface Foretold {
	/** By instruction. */
	readonly lines: readonly (Forecast | undefined)[];
	/** Lists of files of earlier builds that were asked for and are not read yet. */
	readonly unread: ReadonlySet<string>;
	/** Whether something is to be read before all of it is known. */
	readonly lacks: boolean;
}

/** What each instruction of a text depends on. */
export function* readingText(prepared: PreparedForecast, dockerfile: Dockerfile, options: BuildOptions): Slices<InputsOfText> {
	const { snapshot, context, rules, ready, bases, secretKey, resolved: before } = prepared;
	const bytes = dockerfile.text === context.dockerfile.text ? context.bytes : Buffer.from(dockerfile.text);
	const read = yield* readingInputs({ snapshot, dockerfile, bytes, rules, info: ready.info, options, bases, secretKey, before });
	prepared.resolved = read.resolved;
	return read;
}

/** What a build of it will do. */
export function* foretelling(prepared: PreparedForecast, now: InputsOfText, loss: CacheLoss, images?: AskedImages): Slices<Foretold> {
	const { ready, builder, history: { knowledge }, manifests, looked, tried } = prepared;
	const { inputs, resolved } = now;
	const own = new Map<string, readonly ManifestEntry[] | undefined>();
	for (;;) {
		const asked = new Set<string>();
		const lines = yield* forecasting({
			resolved, builder, noCache: false, inputs: inputs.instructions, knowledge, pathLimit: namedPaths,
			manifests: id => {
				const lists = own.has(id) ? own : manifests;
				if (!lists.has(id)) {
					asked.add(id);
				}
				return lists.get(id);
			},
			...loss.told(ready.info, builder, knowledge, images),
		});
		const ours = [...asked].filter(id => inputs.manifests.has(id));
		if (ours.length === 0) {
			const lacks = asked.size > 0 || inputs.unhashed.some(file => !tried.has(file)) || imagesOf(resolved).some(image => !looked.has(image));
			return { lines, unread: asked, lacks };
		}
		for (const id of ours) {
			own.set(id, (yield* inputs.listing(id))?.entries);
		}
	}
}

/** Both, one after the other. */
export function* foretellingText(prepared: PreparedForecast, dockerfile: Dockerfile, options: BuildOptions, loss: CacheLoss): Slices<Foretold> {
	return yield* foretelling(prepared, yield* readingText(prepared, dockerfile, options), loss);
}
