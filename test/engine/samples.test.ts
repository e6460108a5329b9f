import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Builder, Engine } from '../../src/core/engine/engine';
import { traitsOf } from '../support/engineTraits';
import { forEachBuilder, type TestEngine } from '../support/engines';
import { drawLayers, inWorkshop } from './buildHarness';
import { assertSizes, assertWords } from './engineAgrees';

interface Sample {
	readonly folder: string;
	readonly dockerfile: string;
	readonly target?: string;
	/** The stages that the target does not need, by their number. */
	readonly unneeded: readonly number[];
	/** For what it installs. */
	readonly network?: 'host';
}

const small: readonly Sample[] = [
	{ folder: 'multi-stage', dockerfile: 'Dockerfile', unneeded: [2] },
	{ folder: 'multi-stage', dockerfile: 'Dockerfile', target: 'test', unneeded: [1, 3] },
];

const large: readonly Sample[] = [
	{ folder: 'node-app', dockerfile: 'Dockerfile', unneeded: [] },
	...[1, 2, 3, 4].map((version): Sample => ({ folder: 'web-server', dockerfile: `v${version}.Dockerfile`, unneeded: [], network: 'host' })),
];

describe('each sample says what the engine did', function () {
	this.timeout(1_200_000);
	forEachBuilder((engine, builder, test) => {
		for (const sample of small) {
			it(titleOf(sample), () => agrees(engine(), builder, sample, traitsOf(test).skipsStages.includes(builder)));
		}

		// Bases of hundreds of megabytes, and a compiler: `STRATA_LONG=1`, as for the generated Dockerfiles.
		if (process.env['STRATA_LONG']) {
			before(() => makeBases(test));
			for (const sample of large) {
				it(titleOf(sample), () => agrees(engine(), builder, sample, traitsOf(test).skipsStages.includes(builder)));
			}
		}
	});
});

async function agrees(engine: Engine, builder: Builder, { folder, dockerfile, target, unneeded, network }: Sample, skips: boolean): Promise<void> {
	const context = join(__dirname, '../../samples', folder);
	const { sampleArguments } = await import('../../scripts/lib/bases.mjs');
	await inWorkshop(engine, builder, {}, async ({ build }) => {
		const options = { contextPath: context, dockerfilePath: join(context, dockerfile), buildArgs: sampleArguments, target, ...network === undefined ? {} : { network } };
		for (const noCache of [true, false]) {
			const built = await build({ ...options, noCache });
			assert.equal(built.run.state, 'succeeded', built.run.error?.message);
			const wanted = built.resolved.instructions.flatMap(({ layer }, at) => {
				const { line, stage, keyword } = built.resolved.dockerfile.instructions[at]!;
				const isSkipped = stage !== undefined && unneeded.includes(stage) && (skips || stage > built.resolved.target!);
				// BuildKit looks a WORKDIR up even so, and another build may have made it; the engine's words say which it was.
				const outcome = noCache && keyword === 'WORKDIR' && builder === 'buildkit' ? built.record.instructions[at]!.outcome : noCache ? 'ran' : 'cached';
				return layer ? [`${line} ${isSkipped ? 'notRun' : outcome}`] : [];
			});
			assert.deepEqual(drawLayers(built), wanted);
			assertWords(built, builder);
			await assertSizes(built, engine, builder);
		}
	});
}

function titleOf({ folder, dockerfile, target }: Sample): string {
	return `${folder}/${dockerfile}${target === undefined ? '' : `, target ${target}`}`;
}

async function makeBases({ host }: TestEngine): Promise<void> {
	const { debianImage, nodeImage } = await import('../../scripts/lib/bases.mjs');
	await debianImage(host);
	await nodeImage(host);
}
