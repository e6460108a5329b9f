import assert from 'node:assert/strict';
import { Emitter } from '../../src/core/base/event';
import type { ContainerChange, ContainerSummary } from '../../src/core/engine/engine';
import { ContainersModel } from '../../src/surfaces/containers/containersModel';
import { DrawnView } from '../support/drawnView';

describe('the Containers view', () => {
	it('draws a container as it is, though its changes were asked for while it was in another state', async () => {
		const silent = () => ({ dispose: () => undefined });
		const changed = new Emitter<undefined>();
		const containerOf = (id: string, state: string): ContainerSummary =>
			({ id, name: id, image: 'web', imageId: 'sha256:1', state, status: state, createdAt: 0, command: 'sh', labels: {}, ports: [] });
		let containers = [containerOf('other', 'exited'), containerOf('web', 'exited')];
		let answer: (changes: readonly ContainerChange[]) => void = () => undefined;
		const slow = new Promise<readonly ContainerChange[]>(resolve => { answer = resolve; });
		let asked = (): void => undefined;
		const isAsked = new Promise<void>(resolve => { asked = resolve; });
		const answers = [slow];
		const model = new ContainersModel({ onDidChange: silent } as never, {
			onDidChange: changed.event, onDidChangeFiles: silent, containers: () => Promise.resolve(containers),
			changes: (id: string) => {
				const next = id === 'web' ? answers.shift() : undefined;
				if (next !== undefined) {
					asked();
				}
				return next ?? Promise.resolve([]);
			},
		} as never, { measure: () => Promise.resolve(false), of: () => undefined } as never);
		model.watch();
		const view = new DrawnView(model);
		const opening = view.draw();
		await isAsked;

		containers = [containerOf('other', 'exited'), containerOf('web', 'running')];
		const told = new Promise(resolve => { model.onDidChange(resolve); });
		changed.fire(undefined);
		await told;
		assert.equal((await view.follow()).at(-1), 'all', 'what runs is first');
		answer([{ path: '/made', change: 'added' }]);
		await opening;
		await view.follow();
		const { description, contextValue } = model.row(view.nodes.get('web')!);
		assert.deepEqual([description, contextValue], ['running · web · nothing changed', 'container+running']);
		model.dispose();
	});
});
