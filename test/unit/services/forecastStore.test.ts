import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CacheRecord } from '../../../src/core/engine/engine';
import type { LineFacts } from '../../../src/core/lineFacts';
import { readBuildContext } from '../../../src/services/buildContext';
import type { HashProgress } from '../../../src/services/contentHashes';
import { ContentHashes } from '../../../src/services/contentHashes';
import { takeSnapshot } from '../../../src/services/contextSnapshot';
import { forecastWorld } from '../../support/forecastWorld';

const text = 'FROM base:1\nCOPY src /src\nRUN make\n';
const foretold = (lines: readonly LineFacts[]): string => lines.map(({ forecast }) => forecast?.kind ?? '-').join(' ');

describe('ForecastStore', function () {
	this.timeout(20_000);

	it('reads a large build context once, telling how far it is, and afterwards only looks at it', async () => {
		await using world = await forecastWorld(text, 2000);
		const told: HashProgress[] = [];
		const looksAt = async (): Promise<string> => {
			told.length = 0;
			const window = world.open((_, work) => work(progress => { told.push(progress); }));
			const said = (): string => foretold(window.lineFacts.facts(world.path, text).lines);
			await window.until(() => said() !== '- - -');
			const seen = said();
			window.close();
			return seen;
		};
		assert.equal(await looksAt(), '- unknown unknown');
		assert.deepEqual([told[0], told.length, told.at(-1)], [{ files: 1, of: 2000 }, 2000, { files: 2000, of: 2000 }]);
		await world.build();
		assert.equal(await looksAt(), '- hit hit');
		assert.deepEqual(told, []);
	});

	it('reads no file whose look is as before, whatever is in it', async () => {
		await using world = await forecastWorld(text, 400);
		const context = dirname(world.path);
		const never = new AbortController().signal;
		const snapshot = await takeSnapshot(await readBuildContext(context, world.path), 'buildkit', false, never);
		const files = [...snapshot.files.values()].filter(({ path }) => path.endsWith('.ts'));
		const open = (): ContentHashes => new ContentHashes({ storageFolder: join(context, '..', 'own-hashes'), log: message => { throw new Error(message); } });
		const first = await open().hash(context, files.map(file => ({ ...file, ctimeMs: file.ctimeMs - 60_000 })), never);
		await Promise.all(files.map(({ path }) => writeFile(join(context, path), 'other')));
		assert.deepEqual(await open().hash(context, files.map(file => ({ ...file, ctimeMs: file.ctimeMs - 60_000 })), never), first);
		assert.equal(first.size, 400);
	});

	it('learns what a build in a terminal left, of which the engine told nothing, when its command ends', async () => {
		await using world = await forecastWorld(text, 200);
		await world.build();
		const window = world.open();
		const typed = text.replace('RUN make', 'RUN make all');
		const said = (): string => foretold(window.lineFacts.facts(world.path, typed).lines);
		await window.until(() => said() === '- hit miss');
		const record = (id: string, description: string, parents: readonly string[]): CacheRecord =>
			({ id, description, parents, type: 'regular', createdAt: 1, inUse: false, shared: false, sizeBytes: id === 'copy' ? 200 * 680 : 1, lastUsedAt: undefined, usageCount: undefined });
		world.cacheRecords = [record('base', 'from local 1', []), record('copy', '[2/3] COPY src /src', ['base']), record('run', 'mount / from exec /bin/sh -c make all', ['copy'])];
		window.forecasts.changedElsewhere();
		await window.until(() => said() === '- hit depends');
		window.close();
	});

	it('asks nobody for a key press, and foretells an edit once it is typed', async () => {
		const long = `FROM base:1\n${Array.from({ length: 999 }, (_, at) => `ENV VARIABLE_${String(at)}=1\n`).join('')}COPY src /src\nRUN make\n`;
		await using world = await forecastWorld(long, 200);
		await world.build();
		const window = world.open();
		await window.until(() => foretold(window.lineFacts.facts(world.path, long).lines).endsWith('hit hit'));
		const calls = world.calls();
		const typed = long.replace('RUN make', 'RUN make all');
		const said = (): string => foretold(window.lineFacts.facts(world.path, typed).lines).slice(-8).trim();
		// If it takes longer than a key press may, the line says nothing until the typing pauses; never what held before.
		assert.match(said(), /hit (?:miss|-)$/);
		await window.until(() => said() === 'hit miss');
		assert.equal(world.calls(), calls);
		window.close();
	});
});
