// The first rung of the size ladder, mended as its Problems say, on a real engine: what each fix promised beside what
// the next build measured. The table goes into test/bench/README.md.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../../src/core/engine/engine';
import { formatBytes } from '../../../src/core/base/bytes';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import { english } from '../../../src/words/translate';
import { fixTitle, wasteMessage } from '../../../src/words/waste';
import { buildImage, endpointOf } from '../../support/engines';
import { applied, examine, savingOf } from '../../support/quickFixes';

const folder = join(__dirname, '../../../samples/web-server');
const base = 'strata-samples/debian:bookworm';
const enough = 1e6;

async function main(): Promise<void> {
	const { debianImage } = await import('../../../scripts/lib/bases.mjs' as string) as { debianImage(host: string): Promise<void> };
	const { startEngine } = await import('../../../scripts/lib/engines.mjs' as string) as { startEngine(version: string): Promise<{ host: string; stop(): Promise<void> }> };
	const { writeSection } = await import('../../../scripts/lib/benchReport.mjs' as string) as { writeSection(name: string, text: string): Promise<void> };
	const running = await startEngine('28.5');
	try {
		await debianImage(running.host);
		const engine = await createDockerEngine(endpointOf({ name: '28.5', host: running.host }));
		const rows: string[] = [];
		let text = await readFile(join(folder, 'v1.Dockerfile'), 'utf8');
		let image = await built(engine, text);
		let examined = await examine(engine, image, text);
		const problems = examined.lines.flatMap(({ line, waste }) => {
			const message = waste && waste.bytes >= enough ? wasteMessage(waste, english) : undefined;
			// apt names its lists after the mirror they came from, which differs from machine to machine.
			return message === undefined ? [] : [`- line ${line}: ${message.replace(/(\/apt\/lists\/)\S+/g, '$1…')}`];
		});
		const first = examined.bytes;
		for (let fix = examined.fixes[0]; fix?.savesBytes !== undefined && fix.savesBytes >= enough; fix = examined.fixes[0]) {
			text = applied(text, fix);
			const next = await built(engine, text);
			const { promised, measured = 0 } = await savingOf(engine, image, next, fix.savesBytes);
			examined = await examine(engine, next, text);
			image = next;
			rows.push(`| ${fixTitle(fix, english).replace(/ \([^()]*\)$/, '')} | ${formatBytes(promised)} | ${formatBytes(measured)} | ${formatBytes(examined.bytes)} |`);
			console.log(rows.at(-1));
		}
		const second = await examine(engine, await built(engine, await readFile(join(folder, 'v2.Dockerfile'), 'utf8')), await readFile(join(folder, 'v2.Dockerfile'), 'utf8'));
		await writeSection('fixes', [
			'## The ladder\'s first rung, mended by its quick fixes', '',
			'`npm run bench:fixes`: v1 is built, its layers are read, the fix that promises most is applied and the result built again, as long as one promises 1 MB.',
			'Promised are bytes of file content in the layers; measured is the difference of the sums of the engine\'s history rows.', '',
			`v1: ${formatBytes(first)}; its Problems:`, '', ...problems, '',
			'| fix | promised | measured | image after it |', '|---|---:|---:|---:|', ...rows, '',
			`v2, written by hand: ${formatBytes(second.bytes)}. Mended v1: ${formatBytes(examined.bytes)}; unlike v2 it also removes the compiler again, as its line 15 did too late.`,
		].join('\n'));
	} finally {
		await running.stop();
	}
}

async function built(engine: Engine, text: string): Promise<string> {
	return buildImage(engine, { Dockerfile: text, 'index.html': await readFile(join(folder, 'index.html')) }, { network: 'host', buildArgs: { DEBIAN: base } });
}

void main();
