import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ExploredImage } from '../core/exploredImage';
import type { NamedSource } from '../core/layerFile';
import { text, UsageError, type Arguments, type CommandWorld } from './command';

/** The options of every verb that reads layers. */
export const sourceOptions = { platform: { type: 'string' }, image: { type: 'string' } } as const;

export const sourceHelp = {
	platform: 'of an image for several: os/architecture[/variant]',
	image: 'of an archive with several: its name or digest',
};

/**
 * What SOURCE means: a folder that says so is an image layout or an unpacked archive, whatever else is on disk an archive,
 * everything else a reference for the engine.
 */
export async function sourceOf(given: Arguments, written: string, cwd: string): Promise<NamedSource> {
	const path = resolve(cwd, written);
	const platform = text(given, 'platform');
	const image = text(given, 'image');
	const found = await stat(path).catch(() => undefined);
	if (found?.isDirectory() === false) {
		return { name: written, source: { kind: 'archive', path, image, platform } };
	}
	if (found?.isDirectory() === true && (await exists(resolve(path, 'index.json')) || await exists(resolve(path, 'manifest.json')))) {
		return { name: written, source: { kind: 'layout', path, image, platform } };
	}
	if (/^[./~]|\.(tar|tgz|gz|zst)$/.test(written)) {
		throw new UsageError(`${written} is neither an archive nor an image layout`);
	}
	return { name: written, source: { kind: 'engine', reference: written, platform } };
}

export async function exploredSource(given: Arguments, written: string, world: CommandWorld): Promise<{ readonly named: NamedSource; readonly explored: ExploredImage }> {
	const named = await sourceOf(given, written, world.cwd);
	return { named, explored: await world.services.explored.get(named) };
}

/** `--layer N`, 0 the lowest. Undefined where it is not given. */
export function layerOf(given: Arguments, explored: ExploredImage): number | undefined {
	const written = text(given, 'layer');
	if (written === undefined) {
		return undefined;
	}
	const layer = /^\d+$/.test(written) ? Number(written) : NaN;
	if (!(layer < explored.stack.length)) {
		throw new UsageError(`--layer takes a number from 0 to ${explored.stack.length - 1}, not ${written}`);
	}
	return layer;
}

async function exists(path: string): Promise<boolean> {
	return stat(path).then(() => true, () => false);
}
