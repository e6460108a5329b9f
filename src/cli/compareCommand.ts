import { createHash } from 'node:crypto';
import { formatBytes } from '../core/base/bytes';
import { shortDigest } from '../core/image/digest';
import type { NamedSource } from '../core/layerFile';
import { compareImages } from '../core/layers/compare';
import { pathOf } from '../core/layers/layerIndex';
import { positionals, type Command, type CommandWorld } from './command';
import { exploredSource, sourceHelp, sourceOptions } from './imageOfSource';
import { table } from './table';

export const compareCommand: Command = {
	usage: 'compare A B',
	summary: 'Shows which layers two images share, and which files differ',
	options: sourceOptions,
	help: sourceHelp,

	async run(given, world) {
		const [writtenA, writtenB] = positionals(given, 'A', 'B');
		const a = await exploredSource(given, writtenA!, world);
		const b = await exploredSource(given, writtenB!, world);
		const { layers, files } = await compareImages(a.explored.stack, b.explored.stack, async ({ side, layer, content }) => {
			const { named, explored } = side === 'a' ? a : b;
			const index = explored.stack[layer]!;
			return fingerprint(named, layer, pathOf(index, index.contentNode[content]!), world);
		});
		const differences = files.map(file => ({ path: file.path, change: file.change, sizeA: file.a?.size ?? null, sizeB: file.b?.size ?? null }));
		return {
			json: { layers, files: differences },
			text: [
				...layers.shared.map(diffId => `  both  ${shortDigest(diffId)}`),
				...layers.onlyA.map(diffId => `only A  ${shortDigest(diffId)}`),
				...layers.onlyB.map(diffId => `only B  ${shortDigest(diffId)}`),
				'',
				table(differences.map(({ path, change, sizeA, sizeB }) => [change, sizeA === null ? '' : formatBytes(sizeA), sizeB === null ? '' : formatBytes(sizeB), path]), [1, 2]),
			].join('\n').trimEnd(),
		};
	},
};

/** At its own layer a content is seen under its first name. */
async function fingerprint(named: NamedSource, layer: number, path: string, world: CommandWorld): Promise<string> {
	const hash = createHash('sha256');
	for await (const bytes of world.services.explored.read({ ...named, layer, path }, world.signal)) {
		hash.update(bytes);
	}
	return hash.digest('hex').slice(0, 32);
}
