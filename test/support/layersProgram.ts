import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

/** The program of the thread that reads layers, bundled into a folder as it is shipped beside the extension. */
export function layersProgram(folder: string): string {
	const outfile = join(folder, 'layers.js');
	buildSync({ entryPoints: [resolve(__dirname, '../../src/services/layerThreadProgram.ts')], bundle: true, platform: 'node', format: 'cjs', outfile, logLevel: 'error' });
	return outfile;
}
