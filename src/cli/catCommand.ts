import { positionals, type Command } from './command';
import { exploredSource, layerOf, sourceHelp, sourceOptions } from './imageOfSource';

export const catCommand: Command = {
	usage: 'cat SOURCE [--layer N] PATH',
	summary: 'Writes the bytes of a file as a container of the layers up to N would read it',
	options: { ...sourceOptions, layer: { type: 'string' } },
	help: { ...sourceHelp, layer: 'the highest layer of the view, 0 the lowest; all layers where it is not given' },
	readsOneFile: true,

	async run(given, world) {
		const [written, path] = positionals(given, 'SOURCE', 'PATH');
		const { named, explored } = await exploredSource(given, written!, world);
		const layer = layerOf(given, explored) ?? explored.stack.length - 1;
		return { json: undefined, text: '', bytes: world.services.explored.read({ ...named, layer, path: path! }, world.signal) };
	},
};
