import assert from 'node:assert/strict';
import { Emitter } from '../../../src/core/base/event';
import { DrawnView } from '../../support/drawnView';

interface Node { readonly id: string; readonly text: string; readonly below?: readonly Node[] }
const node = (id: string, text: string, ...below: readonly Node[]): Node => ({ id, text, ...below.length === 0 ? {} : { below } });
type Roots = () => readonly Node[] | Promise<readonly Node[]>;

describe('DrawnTree', () => {
	let roots: Roots;
	let asked: string[];
	let view: DrawnView<Node>;
	const changes = new Emitter<Node | undefined>();

	/** A view of these roots, which has drawn them. */
	async function draw(first: Roots): Promise<void> {
		roots = first;
		asked = [];
		view = new DrawnView<Node>({
			onDidChange: changes.event,
			row: ({ id, text }) => ({ id, label: text, accessible: text, contextValue: 'node', expand: 'expanded' }),
			children(parent) {
				asked.push(parent?.id ?? 'all');
				return parent === undefined ? roots() : parent.below ?? [];
			},
		});
		await view.draw();
		asked = [];
	}

	/** What is drawn of other roots, or of one node that changed. */
	function follow(next: Roots, changed?: Node, isSeen?: boolean): Promise<readonly string[]> {
		roots = next;
		changes.fire(changed);
		return view.follow(isSeen);
	}

	afterEach(() => { changes.dispose(); });

	it('has only the row drawn that reads otherwise, and the view\'s own node is it', async () => {
		await draw(() => [node('app', 'app', node('1', '1'), node('2', '2')), node('web', 'web')]);
		const two = view.nodes.get('2');
		const next = (): readonly Node[] => [node('app', 'app', node('1', '1'), node('2', '2 · used')), node('web', 'web')];
		assert.deepEqual(await follow(next), ['2 · used']);
		assert.equal(view.nodes.get('2'), two);
		assert.equal(view.known(node('2', '2 · used')), two, 'so that it is found without reading what is beside it');
		const other = node('3', '3');
		assert.equal(view.known(other), other);
		assert.equal(two?.text, '2 · used');
		assert.deepEqual(await follow(next), [], 'told once');
	});

	it('has a node drawn where something came, went or moved below it, and all only where roots did', async () => {
		await draw(() => [node('app', 'app', node('1', '1')), node('web', 'web', node('3', '3'))]);
		assert.deepEqual(await follow(() => [node('app', 'app', node('1', '1'), node('2', '2')), node('web', 'web', node('3', '3'))]), ['app']);
		assert.deepEqual(await follow(() => [node('app', 'app', node('2', '2'), node('1', '1')), node('web', 'web')]), ['app', 'web']);
		assert.deepEqual(await follow(() => [node('app', 'app', node('2', '2'), node('1', '1 · other'))]), ['all']);
	});

	it('looks no further than what it was told of, by whichever object that is', async () => {
		await draw(() => [node('app', 'app', node('1', '1')), node('web', 'web', node('3', '3'))]);
		assert.deepEqual(await follow(roots, node('web', 'web', node('3', '3 · other'))), ['3 · other']);
		assert.deepEqual(asked, ['web', '3']);
		assert.deepEqual(await follow(roots, node('unknown', 'unknown')), []);
	});

	it('reads nothing below what a person closed: that is read when it opens', async () => {
		await draw(() => [node('app', 'app', node('1', '1'))]);
		view.close('app');
		const next = (): readonly Node[] => [node('app', 'app', node('1', '1 · other'))];
		assert.deepEqual(await follow(next), ['app']);
		assert.deepEqual(asked, ['all'], 'the view asks once it is open');
		assert.deepEqual(await follow(next), [], 'nothing of it is drawn');
	});

	it('reads nothing of what nobody sees', async () => {
		await draw(() => [node('app', 'app')]);
		assert.deepEqual(await follow(roots, undefined, false), ['all']);
		assert.deepEqual(asked, ['all', 'app'], 'as the view draws it');
	});

	it('has drawn what reads otherwise since, where the view looked for a node to reveal', async () => {
		await draw(() => [node('push', 'asking the registry'), node('web', 'web')]);
		roots = () => [node('push', '0 of 2 layers'), node('web', 'web')];
		await view.lookBelow();
		assert.deepEqual(await view.follow(), ['0 of 2 layers']);
		await view.lookBelow();
		assert.deepEqual(await view.follow(), []);
	});

	it('has drawn again what could not be read, and what the view still waits for', async () => {
		await draw(() => [node('app', 'app', node('1', '1'))]);
		assert.deepEqual(await follow(() => { throw new Error('The engine is gone.'); }), ['all']);

		let answer: (nodes: readonly Node[]) => void = () => undefined;
		const answered = new Promise<readonly Node[]>(resolve => { answer = resolve; });
		roots = () => answered;
		const drawing = view.draw();
		const following = follow(roots);
		answer([]);
		await drawing;
		assert.deepEqual(await following, ['all']);
	});

	it('lets the last answer count, however late an earlier one comes', async () => {
		const answers: ((nodes: readonly Node[]) => void)[] = [];
		await draw(() => [node('app', 'first')]);
		const waits: Roots = () => new Promise(resolve => answers.push(resolve));
		const earlier = follow(waits);
		const later = follow(waits);
		answers[1]!([node('app', 'third')]);
		await later;
		answers[0]!([node('app', 'second')]);
		await earlier;
		assert.equal(view.nodes.get('app')?.text, 'third');
	});
});
