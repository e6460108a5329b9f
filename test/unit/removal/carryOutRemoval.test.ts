import assert from 'node:assert/strict';
import type { Engine, ImageSummary, RemovedImage } from '../../../src/core/engine/engine';
import { EngineError } from '../../../src/core/engine/engineError';
import { carryOutRemoval, type PreparedRemoval } from '../../../src/services/prepareRemoval';

const image = (id: string, parentId?: string): ImageSummary => ({ id, parentId, references: id.startsWith('nameless') ? [] : [`${id}:1`], digests: [] }) as unknown as ImageSummary;
const wishes = (...names: readonly string[]): PreparedRemoval['wishes'] => names.map(name => ({ name, force: false }));

describe('a removal that is answered by a conflict', () => {
	/** `goes`: what is gone after the removal of a name; `answer`: what the engine says to it. */
	const carriedOut = async (names: readonly string[], goes: Readonly<Record<string, readonly string[]>>, answer: (name: string) => readonly RemovedImage[]): Promise<readonly RemovedImage[]> => {
		const images = [image('held'), image('nameless', 'held'), image('child', 'nameless'), image('other')];
		const left = new Set(images.map(({ id }) => id));
		const engine = {
			allImages: () => Promise.resolve(images.filter(({ id }) => left.has(id))),
			removeImage: (name: string) => {
				goes[name]?.forEach(id => left.delete(id));
				return new Promise(resolve => { resolve(answer(name)); });
			},
		} as unknown as Engine;
		const told: RemovedImage[] = [];
		const prepared = { wishes: wishes(...names), images: new Map(images.map(one => [one.id, one])) } as unknown as PreparedRemoval;
		await carryOutRemoval(engine, prepared, removed => { told.push(...removed); });
		return told;
	};
	const conflict = (): never => { throw new EngineError('conflict', 'a container uses it', 'held'); };

	it('tells what has gone all the same, with the nameless parents that went along, and nothing twice', async () => {
		const told = await carriedOut(['other:1', 'child:1'], { 'other:1': ['other'], 'child:1': ['child', 'nameless'] },
			name => name === 'other:1' ? [{ kind: 'deleted', reference: 'other' }] : conflict());
		assert.deepEqual(told.map(({ kind, reference }) => `${kind} ${reference}`), ['deleted other', 'untagged child:1', 'deleted child', 'deleted nameless']);
	});

	it('fails with it where the image is still there', () => assert.rejects(carriedOut(['child:1'], {}, conflict), { reason: 'conflict' }));

	it('fails with any other answer as it is, whatever the engine has', () =>
		assert.rejects(carriedOut(['child:1'], { 'child:1': ['child'] }, () => { throw new EngineError('unreachable', 'gone'); }), { reason: 'unreachable' }));
});
