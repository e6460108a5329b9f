import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import type { LineFacts } from '../../src/core/lineFacts';
import { projectLines } from '../../src/core/projectLines';
import { BaselineStore } from '../../src/services/baselineStore';
import { PastBuilds } from '../../src/services/pastBuilds';
import { lineTitle } from '../../src/words/line';
import { makeupTable } from '../../src/words/makeup';
import { english } from '../../src/words/translate';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { baseImage, forEachBuilder } from '../support/engines';
import { inWorkshop, type Built } from './buildHarness';

const dockerfile = [
	`FROM ${baseImage} AS tools`, 'RUN echo NONCE > /nonce', 'COPY data.bin /data.bin', // 1-3
	`FROM ${baseImage}`, 'COPY --from=tools /data.bin /from-tools', 'COPY data.bin /own', 'RUN cat /own /own > /twice', '', // 4-7
].join('\n');

const [small, large] = [200_000, 323_457];

describe('a line beside the same line in the build before', function () {
	this.timeout(120_000);
	forEachBuilder((engine, builder, test) => {
		const traits = traitsOf(test);
		const bytesOf = (bytes: number): number => layerBytes(traits, { files: [bytes] }, builder);
		const copied = layerBytes(traits, { files: [small], isCopied: true }, builder);

		it('grew by exactly the bytes that were added, in the image and in a stage that is not in it', () => inWorkshop(engine(), builder, {
			Dockerfile: dockerfile,
		}, async ({ build, write, records, folder, nonce }) => {
			const baselines = new BaselineStore(`${folder}-baselines`);
			const past = new PastBuilds(records, baselines);
			try {
				await write('data.bin', Buffer.alloc(small, nonce));
				const first = await build();
				assert.deepEqual(differences(await linesOf(first, past)), []);
				await baselines.pin(first.record);
				await write('data.bin', Buffer.alloc(large, nonce));
				const second = await build();
				const grown = await linesOf(second, past);
				const added = bytesOf(large) - bytesOf(small);
				const addedTwice = bytesOf(2 * large) - bytesOf(2 * small);
				assert.deepEqual(differences(grown), [`2 0 ?`, `3 ${added}`, `5 ${added}`, `6 ${added}`, `7 ${addedTwice}`]);
				assert.equal(second.record.image!.totalBytes - first.record.image!.totalBytes, 2 * added + addedTwice);
				assert.match(lineTitle(grown[5]!, { sizes: true, times: false, outcomes: true }, english), { files: /^323 kB · \+123 kB since last build · ran/, blocks: /^328 kB · \+123 kB since last build · ran/, tar: /^325 kB · \+123 kB since last build · ran/ }[traits.measure]);

				const third = await build();
				const same = await linesOf(third, past);
				assert.deepEqual(differences(same), ['2 0 ?', '3 0 ?', '5 0 ?', '6 0 ?', '7 0 ?'], 'all cached: nothing grew, and no time is compared');
				assert.deepEqual(same[6]!.history?.sizes, [2 * small, 2 * large, 2 * large].map(bytesOf));
				assert.deepEqual(same[6]!.history.sincePinned?.bytes, { before: bytesOf(2 * small), now: bytesOf(2 * large) });
				assert.equal(same[6]!.history.durations.length, 2, 'it ran twice');
				assert.match(lineTitle(same[0]!, { sizes: true, times: false, outcomes: true }, english), { files: /^stage tools: 323 kB, not in the image$/, blocks: /^stage tools: 336 kB, not in the image$/, tar: /^stage tools: 328 kB, not in the image$/ }[traits.measure]);
			} finally {
				await rm(`${folder}-baselines`, { recursive: true, force: true });
			}
		}));

		it('tells what the final image is made of, to the byte', () => inWorkshop(engine(), builder, {
			Dockerfile: dockerfile, 'data.bin': Buffer.alloc(small, 'x'),
		}, async ({ build, records, engine: asked, folder }) => {
			const built = await build();
			const [from] = (await linesOf(built, new PastBuilds(records, new BaselineStore(`${folder}-none`)))).slice(3);
			const base = (await asked.history(baseImage)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
			assert.deepEqual(from!.makeup, {
				base: baseImage, bytes: { totalBytes: base + 2 * copied + bytesOf(2 * small), baseBytes: base },
				parts: [
					{ kind: 'own', name: '', bytes: copied + bytesOf(2 * small), partial: false, lines: [6, 7] },
					{ kind: 'stage', name: 'tools', bytes: copied, partial: false, lines: [5] },
				],
			});
			assert.deepEqual(makeupTable(from!.makeup, english).slice(2).map(({ name, value, meaning }) => `${name} ${value} ${meaning}`), {
				files: ['Own layers 600 kB lines 6, 7', 'Copied from stage tools 200 kB line 5'], blocks: ['Own layers 610 kB lines 6, 7', 'Copied from stage tools 205 kB line 5'],
				tar: ['Own layers 604 kB lines 6, 7', 'Copied from stage tools 202 kB line 5'],
			}[traits.measure]);
		}));
	});
});

async function linesOf({ record, resolved }: Built, past: PastBuilds): Promise<readonly LineFacts[]> {
	assert.equal(record.state, 'succeeded', record.error?.message);
	const histories = await past.historiesOf(record, resolved.dockerfile);
	return projectLines({ resolved, record: { record, dockerfile: resolved.dockerfile, histories } });
}

/** `line bytes` of lines that make layers and were in the build before; `?` where no time is compared. */
function differences(lines: readonly LineFacts[]): readonly string[] {
	return lines.flatMap(({ line, keyword, history }) => {
		const change = keyword === 'FROM' ? undefined : history?.sinceLast;
		return change === undefined ? [] : [`${line} ${change.bytes === undefined ? 'unknown' : change.bytes.now - change.bytes.before}${change.durationMs === undefined ? ' ?' : ''}`];
	});
}
