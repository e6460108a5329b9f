// The four sizes of the web server in samples/, built on a real engine; the table goes into test/bench/README.md.
import { cpus, totalmem } from 'node:os';
import { debianImage } from './lib/bases.mjs';
import { writeSection } from './lib/benchReport.mjs';
import { startEngine } from './lib/engines.mjs';
import { run } from './lib/run.mjs';

const versions = ['v1', 'v2', 'v3', 'v4'];
const base = 'strata-samples/debian:bookworm';
const megabytes = bytes => bytes === null ? '?' : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`;

await run('node', ['esbuild.mjs'], { show: true });
const engine = await startEngine('28.5');
try {
	await debianImage(engine.host);
	const results = [];
	for (const version of versions) {
		const tag = `strata-bench/web-server:${version}`;
		const built = await strata('build', 'samples/web-server', '-f', `samples/web-server/${version}.Dockerfile`,
			'-t', tag, '--build-arg', `DEBIAN=${base}`, '--network', 'host');
		const { rows } = await strata('history', tag);
		results.push({ version, built, bytes: rows.reduce((sum, row) => sum + row.sizeBytes, 0) });
		console.log(`${version}: ${megabytes(results.at(-1).bytes)} in ${(built.durationMs / 1000).toFixed(0)} s`);
	}
	await writeSection('ladder', [
		'## The size ladder', '',
		`\`npm run bench:ladder\`: the four Dockerfiles of \`samples/web-server\`, BuildKit of engine 28.5 (overlay2), ${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 1e9)} GB.`,
		'Sizes are the sums of the engine\'s history rows, the base included; shares are parts of that sum.', '',
		'| Dockerfile | image | build |', '|---|---:|---:|',
		...results.map(({ version, bytes, built }) => `| ${version} | ${megabytes(bytes)} | ${(built.durationMs / 1000).toFixed(0)} s |`), '',
		...results.flatMap(({ version, built, bytes }) => [
			`### ${version}, line by line`, '', '| line | instruction | layer | share |', '|---:|---|---:|---:|',
			...built.instructions.filter(line => line.sizeBytes > 0).map(line =>
				`| ${line.line} | \`${shorten(line.text)}\` | ${megabytes(line.sizeBytes)} | ${line.diffId === null ? 'not in the image' : `${(100 * line.sizeBytes / bytes).toFixed(1)} %`} |`), '',
		]),
	].join('\n'));
} finally {
	await engine.stop();
}

async function strata(...args) {
	return JSON.parse(await run('node', ['dist/cli.js', ...args, '--engine', engine.host, '--json']));
}

function shorten(text) {
	const plain = text.replaceAll('|', '\\|');
	return plain.length > 70 ? `${plain.slice(0, 69)}…` : plain;
}
