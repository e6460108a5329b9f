import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import type { Engine } from '../../../src/core/engine/engine';
import { EngineError } from '../../../src/core/engine/engineError';
import type { Build } from '../../../src/services/buildRunner';
import { TemporaryImages } from '../../../src/services/temporaryImages';
import { ValueFolder } from '../../../src/services/valueFolder';
import { withFolder } from '../build/withFolder';

const engineInfo = { id: 'engine' };
const host = hostname();
const gone = { host, pid: spawnSync(process.execPath, ['--version']).pid };
const living = { host, pid: process.ppid };
const yesterday = Date.now() - 25 * 3600 * 1000;

describe('an image that is built only to be looked at', () => {
	it('is there while it is looked at, and then gone with what was built on the way, newest first', () => withFolder({}, async folder => {
		const { engine, left, removed, build } = imagine();
		for (const isPodman of [false, true]) {
			const seen = await new TemporaryImages(folder).use(engine, engineInfo, build('image', ['below', 'above'], isPodman), () => Promise.resolve(left()));
			assert.deepEqual([seen, removed.splice(0)], [['above', 'below', 'image'], ['image', 'above', 'below']]);
		}
		await assert.rejects(new TemporaryImages(folder).use(engine, engineInfo, build('image'), () => Promise.reject(new Error('no'))), /no/);
		assert.deepEqual(left(), []);
	}));

	it('is not held by the container that was made to look into it', () => withFolder({}, async folder => {
		const { engine, containers, held, left, build } = imagine();
		await new TemporaryImages(folder).use(engine, engineInfo, build('image'), (_, container) => {
			containers.set(container, () => held.delete('image'));
			held.add('image');
			return Promise.resolve();
		});
		assert.deepEqual([left(), containers.size], [[], 0]);
	}));

	for (const [what, since, left] of [
		[gone, Date.now(), []],
		[living, Date.now(), ['image']],
		[living, yesterday, ['image']],
		[{ host: 'another', pid: gone.pid }, Date.now(), ['image']],
		[{ host: 'another', pid: gone.pid }, yesterday, []],
	] as const) {
		it(`${left.length > 0 ? 'stays' : 'goes'} at the next connect where its window is ${what === gone ? 'gone' : what === living ? 'there' : 'elsewhere'}${since === yesterday ? ', from yesterday' : ''}`, () => withFolder({}, async folder => {
			const world = imagine();
			world.add('image', 'name');
			await new ValueFolder(folder).set('name', { engineId: 'engine', window: what, since, steps: [] });
			const temporary = new TemporaryImages(folder);
			await temporary.resume(world.engine, { id: 'other' });
			assert.deepEqual(world.left(), ['image']);
			await temporary.resume(world.engine, engineInfo);
			assert.deepEqual(world.left(), left);
		}));
	}

	for (const [by, use] of [
		['a name', world => { world.add('image', 'name', ['mine:1']); }],
		['a container', world => { world.held.add('image'); }],
		['a nameless image built upon it', world => { world.add('child', 'name'); }],
	] as const satisfies readonly (readonly [string, (world: World) => void])[]) {
		it(`stays where ${by} holds it by then, and is not looked for again`, () => withFolder({}, async folder => {
			const world = imagine();
			world.add('image', 'name');
			use(world);
			const before = world.left();
			const kept = new ValueFolder(folder);
			await kept.set('name', { engineId: 'engine', window: gone, since: Date.now(), steps: [] });
			await new TemporaryImages(folder).resume(world.engine, engineInfo);
			assert.deepEqual([world.left(), new ValueFolder(folder).values().size], [before, 0]);
		}));
	}

	it('goes at the next connect of its own window where the engine had gone', () => withFolder({}, async folder => {
		const { engine, left, build } = imagine();
		const lost: Engine = { ...engine, allImages: () => Promise.reject(new EngineError('unreachable', 'gone', 'engine')) };
		const temporary = new TemporaryImages(folder);
		await temporary.use(lost, engineInfo, build('image', ['below']), () => Promise.resolve());
		await assert.rejects(temporary.resume(lost, engineInfo), { reason: 'unreachable' });
		assert.deepEqual(left(), ['below', 'image']);
		await temporary.resume(engine, engineInfo);
		assert.deepEqual(left(), []);
	}));

	it('stays at a connect while it is in use, and goes as its window closes', () => withFolder({}, async folder => {
		const { engine, left, build } = imagine();
		const temporary = new TemporaryImages(folder);
		await temporary.use(engine, engineInfo, build('image'), async () => {
			await temporary.resume(engine, engineInfo);
			assert.deepEqual(left(), ['image']);
			await temporary.end();
			assert.deepEqual(left(), []);
		});
	}));
});

type World = ReturnType<typeof imagine>;

/** An engine's images. */
function imagine() {
	const images = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly references: readonly string[] }>();
	const held = new Set<string>();
	const containers = new Map<string, () => void>();
	const removed: string[] = [];
	const engine = {
		allImages: () => Promise.resolve([...images].map(([id, image]) => ({ id, ...image }))),
		image: (id: string) => images.has(id) ? Promise.resolve({ id, ...images.get(id) }) : Promise.reject(new EngineError('notFound', id, id)),
		removeContainer: (name: string) => {
			containers.get(name)?.();
			return containers.delete(name) ? Promise.resolve() : Promise.reject(new EngineError('notFound', name, name));
		},
		removeImage: (id: string) => {
			if (held.has(id)) {
				return Promise.reject(new EngineError('conflict', id, id));
			}
			images.delete(id);
			removed.push(id);
			return Promise.resolve([]);
		},
	} as unknown as Engine;
	return {
		engine, held, containers, removed,
		left: () => [...images.keys()].sort(),
		add: (id: string, name: string, references: readonly string[] = []) => { images.set(id, { labels: { 'dev.strata.temporary': name }, references }); },
		/** As the classic builder makes it: an image of each step on the way; Podman labels these too. */
		build: (id: string, steps: readonly string[] = [], isPodman = false) => (labels: Readonly<Record<string, string>>): Promise<Build> => {
			[...steps, id].forEach(each => { images.set(each, { labels: isPodman || each === id ? labels : {}, references: [] }); });
			return Promise.resolve({ run: { steps: steps.map(imageId => ({ outcome: 'ran', imageId })) } } as unknown as Build);
		},
	};
}
