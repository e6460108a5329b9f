// Brings both engines up for a day of work and leaves them running; prints what STRATA_TEST_ENGINES wants.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from './lib/cache.mjs';
import { removeEngine } from './lib/engineProcess.mjs';
import { startEngine } from './lib/engines.mjs';

const folder = join(cacheRoot, 'run');
const at = name => join(folder, `e${name.split('.')[0]}`);
const versions = ['20.10', '28.5'];

if (process.argv.includes('--stop')) {
	await Promise.all(versions.map(version => removeEngine(at(version))));
} else {
	await mkdir(folder, { recursive: true });
	const engines = [];
	for (const version of versions) {
		const { name, host } = await startEngine(version, { at: at(version) });
		engines.push({ name, host });
	}
	console.log(JSON.stringify(engines));
}
