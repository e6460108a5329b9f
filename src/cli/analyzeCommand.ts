import { formatBytes } from '../core/base/bytes';
import { layerInstructions } from '../core/archiveRows';
import type { ExploredImage } from '../core/exploredImage';
import { english } from '../words/translate';
import { causeMessage } from '../words/waste';
import { positionals, type Command } from './command';
import { exploredSource, sourceHelp, sourceOptions } from './imageOfSource';
import { table } from './table';

export const analyzeCommand: Command = {
	usage: 'analyze SOURCE [--platform P]',
	summary: 'Shows what every layer holds and changes, and which bytes no container of the image can reach',
	options: sourceOptions,
	help: sourceHelp,

	async run(given, world) {
		const [written] = positionals(given, 'SOURCE');
		const { named, explored } = await exploredSource(given, written!, world);
		const analysis = analysisOf(named.name, explored);
		return { json: analysis, text: analysisText(analysis, explored) };
	},
};

/** The document of `analyze`. Layers are numbered from the lowest, 0. */
export function analysisOf(name: string, explored: ExploredImage) {
	const { totalBytes, wastedBytes, efficiency, files, wastedByLayer } = explored.waste();
	return {
		image: name,
		layers: explored.image.layers.map(({ diffId, createdBy, index }, layer) => {
			const changes = explored.changes(layer);
			const { added, modified, removed } = changes.totals(changes.root);
			return {
				index: layer, diffId, createdBy: createdBy ?? null,
				bytes: index.subtreeBytes[0]!, files: index.subtreeFiles[0]!,
				added, modified, removed, wastedBytes: wastedByLayer[layer]!,
			};
		}),
		totalBytes, wastedBytes, efficiency,
		waste: files,
	};
}

function analysisText({ image, layers, totalBytes, wastedBytes, efficiency, waste }: ReturnType<typeof analysisOf>, explored: ExploredImage): string {
	const instructions = layerInstructions(explored.image);
	const rows = layers.map(({ index, bytes, added, modified, removed, wastedBytes: wasted }) => [
		String(index), formatBytes(bytes), `+${added}`, `~${modified}`, `-${removed}`, wasted === 0 ? '' : formatBytes(wasted), instructions[index] ?? '',
	]);
	// What is a hundredth of the image at least.
	const causes = explored.causes().filter(({ bytes, kind }) => kind === 'manyLayers' || bytes * 100 >= totalBytes).slice(0, shownFiles)
		.map(cause => [String(cause.layer), causeMessage({ ...cause, firstLine: undefined }, english)]);
	const worst = waste.slice(0, shownFiles).map(({ path, bytes, addedIn, buriedIn, how }) => [formatBytes(bytes), `${addedIn} → ${buriedIn}`, how, path]);
	return [
		`${image}: ${formatBytes(totalBytes)} in ${layers.length} layers, ${formatBytes(wastedBytes)} wasted, efficiency ${(efficiency * 100).toFixed(1)} %`,
		'',
		table([['layer', 'size', 'added', 'modified', 'removed', 'wasted', 'made by'], ...rows], [0, 1, 2, 3, 4, 5]),
		...causes.length === 0 ? [] : ['', table([['layer', 'what it need not hold'], ...causes], [0])],
		...worst.length === 0 ? [] : ['', table([['wasted', 'layers', 'how', 'path'], ...worst], [0])],
		...waste.length > shownFiles ? [`and ${waste.length - shownFiles} more (--json has them all)`] : [],
	].join('\n');
}

const shownFiles = 20;
