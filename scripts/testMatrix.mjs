// npm run test:matrix [-- ENGINE…] [--grep TEXT]: the engine tests on every kind of engine, one after the other.
import { parseArgs } from 'node:util';
import { installDependencies } from './lib/dependencies.mjs';

const { values: { grep }, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: 'string' } } });

await installDependencies();
const { startEngine } = await import('./lib/engines.mjs');
const { startPodman } = await import('./lib/podman.mjs');
const { startRootless } = await import('./lib/rootless.mjs');
const { inventory, leftBehind } = await import('./lib/leftovers.mjs');
const { add, failedBecause, runOnEngines, sayFailures } = await import('./lib/suites.mjs');

const kinds = {
	'20.10': () => startEngine('20.10'),
	'26.1': () => startEngine('26.1'),
	'28.5': () => startEngine('28.5'),
	'28.5-containerd': () => startEngine('28.5', { containerd: true }),
	'28.5-rootless': () => startRootless('28.5'),
	podman: () => startPodman(),
};
const unknown = positionals.filter(name => !(name in kinds));
if (unknown.length > 0) {
	console.error(`There is no engine ${unknown.join(', ')}; there are ${Object.keys(kinds).join(', ')}.`);
	process.exit(2);
}

const results = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(kinds)) {
	const engine = await kinds[name]();
	try {
		const before = await inventory(engine.host);
		const counts = await runOnEngines([{ name: engine.name, host: engine.host }], { grep });
		const left = await leftBehind(engine.host, before);
		results.push({ name, counts: left.length > 0 ? add(counts, failedBecause(left.map(line => `left behind in ${engine.name}: ${line}`).join('\n'))) : counts });
	} finally {
		await engine.stop();
	}
}
results.forEach(({ counts }) => { sayFailures(counts); });
for (const { name, counts: { passed, failed, skipped } } of results) {
	console.log(`${name.padEnd(16)} ${passed} passed, ${failed} failed, ${skipped} skipped`);
}
process.exit(results.some(({ counts }) => counts.failed > 0) ? 1 : 0);
