import { readFile, writeFile } from 'node:fs/promises';

const file = new URL('../../test/bench/README.md', import.meta.url);

/** Replaces one benchmark's part of test/bench/README.md, which stands between two comments with its name. */
export async function writeSection(name, text) {
	const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const report = await readFile(file, 'utf8').catch(() => '# Benchmarks\n');
	const section = `${open}\n${text.trim()}\n${close}`;
	const start = report.indexOf(open);
	const end = report.indexOf(close);
	await writeFile(file, start < 0 || end < 0
		? `${report.trimEnd()}\n\n${section}\n`
		: report.slice(0, start) + section + report.slice(end + close.length));
}
