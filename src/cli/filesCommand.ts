import { formatBytes } from '../core/base/bytes';
import { walkChanges } from '../core/layers/changes';
import { positionals, UsageError, type Command } from './command';
import { exploredSource, layerOf, sourceHelp, sourceOptions } from './imageOfSource';
import { table } from './table';

export const filesCommand: Command = {
	usage: 'files SOURCE --layer N',
	summary: 'Lists what a layer added, modified and removed, against the layers below it',
	options: { ...sourceOptions, layer: { type: 'string' } },
	help: { ...sourceHelp, layer: 'its number, 0 the lowest, as analyze shows it' },

	async run(given, world) {
		const [written] = positionals(given, 'SOURCE');
		const { explored } = await exploredSource(given, written!, world);
		const layer = layerOf(given, explored);
		if (layer === undefined) {
			throw new UsageError('--layer is missing');
		}
		const files = [...walkChanges(explored.changes(layer))].map(({ path, change, entry: { kind, size, mode, uid, gid, link } }) =>
			({ path, kind, change, size, mode, uid, gid, link: link ?? null }));
		files.sort((left, right) => left.path < right.path ? -1 : 1);
		return {
			json: files,
			text: table(files.map(({ path, kind, change, size, mode, uid, gid, link }) => [
				change ?? '', mode.toString(8).padStart(4, '0'), `${uid}:${gid}`, kind === 'directory' ? '' : formatBytes(size),
				`${path}${kind === 'directory' ? '/' : ''}${link === null ? '' : ` → ${link}`}`,
			]), [3]),
		};
	},
};
