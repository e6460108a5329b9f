import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { plainBuild } from '../../src/core/build/buildOptions';
import { BuildRunner } from '../../src/services/buildRunner';
import { PendingUploads } from '../../src/services/pendingUploads';
import { StageMeasurer, type Measured } from '../../src/services/stageMeasurer';
import { TemporaryImages } from '../../src/services/temporaryImages';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { baseImage, forEachBuilder } from '../support/engines';
import { inWorkshop, type Workshop } from './buildHarness';

const dockerfile = [
	`FROM ${baseImage} AS main`, 'RUN echo NONCE', // 1-2
	`FROM ${baseImage} AS extra`, 'WORKDIR /NONCE', 'COPY data.bin .', 'RUN cat data.bin data.bin > twice', '', // 3-6
].join('\n');

describe('measuring a stage that no build needed', function () {
	this.timeout(120_000);
	forEachBuilder((engine, builder, test) => {
		it('tells its sizes, and leaves no image behind', () => inWorkshop(engine(), builder, { Dockerfile: dockerfile, 'data.bin': 'x'.repeat(5000) }, async workshop => {
			const { build, records, write, folder } = workshop;
			assert.deepEqual((await measure(workshop)).kind, 'neverBuilt');
			const { record } = await build({ target: 'main' });
			assert.deepEqual(record.instructions.map(({ size }) => size?.bytes).slice(2), [undefined, undefined, undefined, undefined]);

			const before = await left(workshop);
			assert.deepEqual(await measure(workshop), { kind: 'measured', lines: 3 });
			assert.deepEqual(await left(workshop), before);
			const { id, instructions } = (await records.latestOf(record.dockerfilePath))!;
			assert.equal(id, record.id);
			assert.deepEqual(instructions.slice(3).map(({ size }) => size), [{ folders: 1, isWorkdir: true }, { files: [5000], folders: 1, isCopied: true }, { files: [10_000], folders: 1 }]
				.map(written => ({ bytes: layerBytes(traitsOf(test), written, builder), measure: 'stageBuild' })));

			await rm(`${folder}/data.bin`);
			assert.equal((await measure(workshop)).kind, 'failed');
			assert.deepEqual(await left(workshop), before);
			await write('Dockerfile', `${dockerfile}RUN true\n`);
			assert.equal((await measure(workshop)).kind, 'edited');
		}));
	});

	/** Images with a row of this test's. */
	async function left({ engine, nonce }: Workshop): Promise<readonly string[]> {
		const images = await engine.images();
		const own = await Promise.all(images.map(async ({ id }) => (await engine.history(id).catch(() => [])).some(({ createdBy }) => createdBy.includes(nonce)) ? [id] : []));
		return own.flat().sort();
	}

	async function measure({ engine, records, folder }: Workshop): Promise<Measured> {
		const uploads = new PendingUploads(`${folder}-records/uploads`);
		const runner = new BuildRunner({
			records: { put: () => Promise.resolve(), update: () => Promise.resolve(true), list: () => Promise.resolve([]) }, uploads, secretKey: () => Promise.resolve('key'), machine: process, credentials: () => Promise.resolve({}),
			log: message => { throw new Error(message); },
		});
		const options = { ...plainBuild(folder, `${folder}/Dockerfile`), network: 'host' as const, target: 'extra' };
		return new StageMeasurer(runner, records, new TemporaryImages(`${folder}-records/temporary`)).measure(engine, await engine.info(), options, new AbortController().signal);
	}
});
