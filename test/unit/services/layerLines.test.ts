import assert from 'node:assert/strict';
import { exploreImage } from '../../../src/core/exploredImage';
import type { HistoryRow, ImageDetails } from '../../../src/core/engine/engine';
import { readImageStream } from '../../../src/core/layers/imageStream';
import { LayerLines } from '../../../src/services/layerLines';
import { archiveTar, inPieces, newArchive } from '../../support/imageOf';

const createdBy = ['/bin/sh -c #(nop) ADD file:1 in / ', 'COPY app /app # buildkit', 'RUN /bin/sh -c make # buildkit'];
const archive = { kind: 'archive', path: '/a.tar' } as const;
const engine = { kind: 'engine', reference: 'sha256:1' } as const;

const own = '# ours\nFROM debian\nCOPY app /app\nRUN make\nCMD ["sh"]\n';
const other = 'FROM debian\nCOPY app /app\nRUN make install\nCMD ["sh"]\n';
const short = 'FROM debian\nRUN make\nCMD ["sh"]\n';

describe('the lines of layers', () => {
	for (const source of [archive, engine]) {
		it(`of an image of an ${source.kind} are found in the Dockerfile that agrees with all of its history`, async () => {
			assert.equal(await drawn(source, { 'other/Dockerfile': other, 'short.Dockerfile': short, 'Dockerfile': own }),
				'0 Dockerfile:2 (base)\n1 Dockerfile:3\n2 Dockerfile:4');
			assert.equal(await drawn(source, { 'other/Dockerfile': other }), '');
		});
	}

	it('lead to the first of two that are the same', async () => {
		assert.match(await drawn(archive, { 'b/Dockerfile': own, 'a/Dockerfile': own }), /^0 b\/Dockerfile/);
	});

	it('are found over stages, each in its own', async () => {
		assert.equal(await drawn(archive, { Dockerfile: 'FROM x AS unused\nRUN make\nFROM debian AS first\nCOPY app /app\nFROM first\nRUN make\nCMD ["sh"]\n' }),
			'0 Dockerfile:3 (base)\n1 Dockerfile:4\n2 Dockerfile:6');
	});

	it('are those of an open Dockerfile that was edited since, where it made the image', async () => {
		assert.equal(await drawn(engine, { Dockerfile: other }, new Map([[1, { path: 'open', line: 7 }]])), '1 open:7');
	});

	it('are found by the row of the history too, with or without a layer', async () => {
		for (const source of [archive, engine]) {
			const lines = await linesIn({ Dockerfile: own });
			const found = await Promise.all([0, 1, 2].map(row => lines.lineOfRow({ source, name: 'x' }, row)));
			assert.deepEqual(found.map(line => line?.line), [2, 3, 4]);
			assert.equal(await (await linesIn({ Dockerfile: other })).lineOfRow({ source, name: 'x' }, 1), undefined);
		}
		assert.equal((await (await linesIn({ Dockerfile: own })).lineOfRow({ source: engine, name: 'x' }, 3))?.line, 5, 'CMD makes no layer');
	});

	it('do not stop at a file that went away', async () => {
		assert.match(await drawn(archive, { gone: undefined, Dockerfile: own }), /^0 Dockerfile/);
	});
});

async function drawn(source: typeof archive | typeof engine, ...world: Parameters<typeof linesIn>): Promise<string> {
	const found = await (await linesIn(...world)).linesOf({ source, name: 'x' });
	return [...found].map(([layer, { path, line, isBase }]) => `${String(layer)} ${path}:${String(line)}${isBase ? ' (base)' : ''}`).join('\n');
}

async function linesIn(files: Readonly<Record<string, string | undefined>>, open = new Map<number, { readonly path: string; readonly line: number }>()): Promise<LayerLines> {
	const image = await readImageStream(inPieces(archiveTar(newArchive({ layers: [['etc/os'], ['app/a'], ['app/made']], createdBy, config: withComments }))));
	const history: readonly HistoryRow[] = [...createdBy, 'CMD ["sh"]'].map((words, at) =>
		({ imageId: undefined, createdAt: 0, createdBy: words, sizeBytes: at < 3 ? 5 : 0, comment: at === 0 ? '' : 'buildkit.dockerfile.v0', references: [] })).reverse();
	return new LayerLines(
		{ history: () => Promise.resolve(history), details: () => Promise.resolve({ diffIds: image.layers.map(({ diffId }) => diffId) } as unknown as ImageDetails) },
		{ lineOf: ({ row }) => Promise.resolve(open.get(row ?? -1)) },
		{ get: () => Promise.resolve(exploreImage(image)) },
		{
			paths: () => Promise.resolve(Object.keys(files)),
			text: path => files[path] === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(files[path]),
		},
	);
}

/** As BuildKit writes it: what makes no layer is told apart by its comment only. */
function withComments(config: Record<string, unknown>): unknown {
	return { ...config, history: (config['history'] as readonly object[]).map((entry, at) => at === 0 ? entry : { ...entry, comment: 'buildkit.dockerfile.v0' }) };
}
