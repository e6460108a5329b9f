import assert from 'node:assert/strict';
import type { ImageSummary } from '../../../src/core/engine/engine';
import { planRemoval, type RemovalWorld } from '../../../src/core/removalPlan';
import { vanishingLayers, type StackedLayer } from '../../../src/core/vanishingLayers';
import { pruneQuestion } from '../../../src/words/containerPrune';
import { removalQuestion, removalResult, type RemovalFacts } from '../../../src/words/removal';
import { english } from '../../../src/words/translate';

const id = (letter: string): string => `sha256:${letter.repeat(64)}`;
const image = (letter: string, references: readonly string[], parent?: string): ImageSummary => ({
	id: id(letter), references, digests: [], createdAt: 0, sizeBytes: 0, sharedBytes: undefined, platforms: [], parentId: parent && id(parent), labels: {},
});
const layer = (chainId: string, bytes: number | undefined, createdBy: string): StackedLayer => ({ chainId, bytes, createdBy });

/** `b` and `c` share a layer; `d` is built upon `c`. */
const world: RemovalWorld = {
	images: [image('b', ['web:1', 'web:2']), image('c', ['api:1']), image('d', ['api:2'], 'c'), image('e', [])],
	containers: [{ name: 'sleepy', imageId: id('b'), state: 'exited' }],
	imageStore: 'overlay2',
	kind: 'docker',
};
const layersOfB = [layer('base', 120e6, 'COPY rootfs /'), layer('apt', 43.1e6, 'RUN apt-get install -y\n\u001b[31mnginx'), layer('conf', 0, 'WORKDIR /etc')];

function facts(wishes: readonly { name: string; force?: boolean }[], cached: readonly number[] | undefined = []): RemovalFacts {
	const asked = wishes.map(({ name, force = false }) => ({ name, force }));
	const plan = planRemoval(world, asked);
	return {
		wishes: asked, plan, images: new Map(world.images.map(one => [one.id, one])),
		layers: vanishingLayers(plan.deleted.map(imageId => ({ imageId, layers: layersOfB })), [{ imageId: id('c'), chainIds: ['base'] }], cached),
	};
}

function said(wishes: readonly { name: string; force?: boolean }[], cached?: readonly number[]): string {
	const { question, detail } = removalQuestion(facts(wishes, cached), english);
	return `${question}\n${detail}`;
}

describe('the question before images are removed', () => {
	it('says that only a name goes where the image has others', () => {
		assert.equal(said([{ name: 'web:1' }]), 'Remove the name web:1? Its image stays.\nNames that go: web:1\nThis frees nothing; names that stay: web:2');
	});

	it('says what holds the last name, and does nothing', () => {
		assert.equal(said([{ name: id('b') }]), [
			'web:1 cannot be removed as things are.',
			'web:1 cannot be removed: it has other names: web:1, web:2',
		].join('\n'));
		assert.deepEqual(facts([{ name: id('b') }]).plan.refused.map(({ forcible }) => forcible), [true]);
	});

	it('says by force: names, image, layers that go and those that stay', () => {
		assert.equal(said([{ name: id('b'), force: true }]), [
			'Remove web:1? This frees 43.1 MB.',
			'Names that go: web:1, web:2',
			'Images that go: web:1',
			'Layers that disappear: 2 (43.1 MB)',
			'    43.1 MB · RUN apt-get install -y [31mnginx',
			'Layers that stay: 1 (120 MB), needed by api:1',
		].join('\n'));
	});

	it('keeps open what the build cache may hold, and what is not known', () => {
		assert.match(said([{ name: id('b'), force: true }], [43.1e6]), /This frees up to 43\.1 MB[^]*Up to 43\.1 MB of this may stay on disk, because the build cache/);
		const { wishes, plan, images } = facts([{ name: id('e') }]);
		const layers = vanishingLayers([{ imageId: id('e'), layers: [layer('x', undefined, '')] }], [], undefined);
		const { question, detail } = removalQuestion({ wishes, plan, images, layers }, english);
		assert.equal(question, 'Remove eeeeeeeeeeee? How much it frees is not known.');
		assert.match(detail, /Layers that disappear: 1 of unknown size\nLayers that the build cache still uses stay on disk; which, the engine does not say\./);
	});

	it('tells of the compressed copies that a containerd store keeps too', () => {
		const { plan, ...rest } = facts([{ name: id('b'), force: true }]);
		const layers = vanishingLayers([{ imageId: id('b'), layers: layersOfB }], [], undefined, true);
		assert.match(removalQuestion({ ...rest, plan, layers }, english).question, /This frees up to 163 MB of unpacked layers, and their compressed copies\.$/);
	});

	it('says that an image loses its name and stays, because others are built upon it', () => {
		assert.equal(said([{ name: 'api:1' }]), 'Remove the name api:1? Its image stays.\nNames that go: api:1\ncccccccccccc stays without a name: other images are built upon it: api:2');
		assert.match(said([{ name: 'api:1' }, { name: 'api:2' }]), /^Remove api:1, api:2\? .*\nNames that go: api:1, api:2\nImages that go: api:2, api:1\n/);
	});
});

describe('what the engine did', () => {
	it('says untagged and deleted apart, images and layers too', () => {
		assert.equal(removalResult([
			{ kind: 'untagged', reference: 'web:1' }, { kind: 'untagged', reference: `web@sha256:${'f'.repeat(64)}` }, { kind: 'deleted', reference: id('b') },
			{ kind: 'deleted', reference: 'conf' }, { kind: 'deleted', reference: 'apt' },
		], facts([{ name: id('b'), force: true }]), english), 'Freed 43.1 MB · 2 layers · deleted bbbbbbbbbbbb · untagged web:1, web@sha256:ffffffffffff…');
		assert.equal(removalResult([{ kind: 'untagged', reference: 'web:1' }], facts([{ name: 'web:1' }]), english), 'untagged web:1');
		// A containerd store calls deleted what it keeps without a name.
		assert.equal(removalResult([{ kind: 'untagged', reference: 'api:1' }, { kind: 'deleted', reference: id('c') }], facts([{ name: 'api:1' }]), english), 'untagged api:1');
	});
});

describe('the question before stopped containers are removed', () => {
	it('says what each holds, and what is not known', () => {
		assert.deepEqual(pruneQuestion([{ container: { name: 'one' }, bytes: 3000 }], english), {
			question: 'Remove the stopped container one? This frees 3 kB.', detail: 'What they changed is lost; images and volumes stay.',
		});
		assert.deepEqual(pruneQuestion([{ container: { name: 'one' }, bytes: 3000 }, { container: { name: 'two' }, bytes: undefined }], english), {
			question: 'Remove 2 stopped containers? This frees 3 kB, and what 1 of them hold is not known.', detail: 'one, two\nWhat they changed is lost; images and volumes stay.',
		});
	});
});
