import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { TemporaryImages } from '../../src/services/temporaryImages';
import { baseImage, forEachBuilder } from '../support/engines';
import { infoOf } from '../support/infoOf';
import { inWorkshop } from './buildHarness';

describe('a temporary image whose window was closed', function () {
	this.timeout(60_000);
	forEachBuilder((engine, builder) => {
		it('goes at the next connect, where nobody has named it', () => inWorkshop(engine(), builder, { Dockerfile: `FROM ${baseImage}\nENV N=NONCE\n` }, async ({ build, folder, nonce }) => {
			const info = await infoOf(engine());
			const closed = new TemporaryImages(`${folder}-records/temporary`, { host: hostname(), pid: spawnSync(process.execPath, ['--version']).pid });
			const left = (): Promise<string> => new Promise((resolve, reject) => {
				closed.use(engine(), info, labels => build({ labels }), ({ run: { imageId } }) => {
					resolve(imageId!);
					return new Promise(() => undefined);
				}).catch(reject);
			});
			const images = [await left(), await left()];
			const [named] = images;
			await engine().tagImage(named!, `strata-test/temporary-${nonce}:1`);
			await new TemporaryImages(`${folder}-records/temporary`).resume(engine(), info);
			const there = (await engine().allImages()).map(({ id }) => id);
			assert.deepEqual(images.filter(id => there.includes(id)), [named]);
		}));
	});
});
