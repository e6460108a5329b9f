import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command, Scheme } from '../../src/contributions';
import { Emitter } from '../../src/core/base/event';
import type { VertexEvent } from '../../src/core/build/events';
import { finishRun, foldRun } from '../../src/core/build/foldRun';
import { startRun } from '../../src/core/build/runFold';
import { parseDockerfile } from '../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../src/core/dockerfile/resolve';
import type { Build } from '../../src/services/buildRunner';
import { BuildsModel } from '../../src/surfaces/builds/buildsModel';
import { DrawnView } from '../support/drawnView';
import { engineRequest, removeImagesWith } from '../support/engineRequest';

const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly name: string; readonly host: string }[];
const settings = vscode.workspace.getConfiguration('strata');

for (const engine of engines) {
	describe(`build, image and container commands, Docker ${engine.name}`, () => {
		const word = `commands-${randomUUID()}`;
		const tag = `strata/${word}`;
		let uri: vscode.Uri;
		let image: { readonly Id: string };

		before(async () => {
			await settings.update('engine.endpoint', engine.host, vscode.ConfigurationTarget.Global);
			await settings.update('build.network', 'none', vscode.ConfigurationTarget.Global);
			const folder = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, word);
			await mkdir(folder);
			await writeFile(join(folder, 'Dockerfile'), `FROM strata-test/base:1 AS tools\nRUN echo ${word} > /tool\n\nFROM strata-test/base:1\nCOPY --from=tools /tool /\nRUN echo ${word} said this\n`);
			uri = vscode.Uri.file(join(folder, 'Dockerfile'));
		});

		after(async () => {
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			await settings.update('engine.endpoint', undefined, vscode.ConfigurationTarget.Global);
			await settings.update('build.network', undefined, vscode.ConfigurationTarget.Global);
			await removeImagesWith(engine.host, word);
		});

		it('build under a name that can be nobody else\'s', async () => {
			await vscode.commands.executeCommand(Command.build, uri);
			image = await inspected(engine.host, `${tag}:latest`);
			assert.match(image.Id, /^sha256:/);
		});

		it('build to a stage without moving the image\'s own tag', async () => {
			await vscode.commands.executeCommand(Command.buildToStage, uri, 'tools');
			const stage = await inspected(engine.host, `${tag}:tools`);
			assert.notEqual(stage.Id, image.Id);
			assert.equal((await inspected(engine.host, `${tag}:latest`)).Id, image.Id);
		});

		it('copy what names an image', async () => {
			const node = { kind: 'image', image: { id: image.Id, digests: [] }, reference: `${tag}:latest` };
			await vscode.commands.executeCommand(Command.copyImageId, node);
			assert.equal(await vscode.env.clipboard.readText(), image.Id);
			await vscode.commands.executeCommand(Command.copyImageReference, node);
			assert.equal(await vscode.env.clipboard.readText(), `${tag}:latest`);
		});

		it('show an image as the engine has it, read-only', async () => {
			await vscode.commands.executeCommand(Command.inspectImage, { kind: 'image', image: { id: image.Id, digests: [] }, reference: `${tag}:latest` });
			const { document } = vscode.window.activeTextEditor!;
			assert.equal(document.uri.scheme, Scheme.text);
			assert.equal(document.languageId, 'json');
			assert.equal((JSON.parse(document.getText()) as typeof image).Id, image.Id);
			assert.equal(vscode.workspace.fs.isWritableFileSystem(Scheme.text), undefined);
		});
	});
}

describe('the Builds view', () => {
	it('draws of a build under way what went on, and no step twice', async () => {
		const silent = { onDidChange: () => ({ dispose: () => undefined }) };
		const changed = new Emitter<Build>();
		const model = new BuildsModel(
			{ ...silent, get: () => Promise.reject(new Error('There is no engine.')) } as never, { onDidChange: changed.event } as never,
			{ ...silent, onDidDelete: silent.onDidChange } as never, { ...silent, get: () => Promise.resolve(undefined) } as never, () => true);
		const view = new DrawnView(model);
		await view.draw();

		const resolved = resolveDockerfile(parseDockerfile('FROM base\nRUN make\nRUN test\n'), { builder: 'buildkit' });
		const vertex = (digest: string, given: Partial<VertexEvent>): VertexEvent =>
			({ kind: 'vertex', digest, inputs: [], name: '', cached: false, startedAt: undefined, completedAt: undefined, error: undefined, group: undefined, ...given });
		let fold = startRun({ id: 'r', builder: 'buildkit', resolved, startedAt: 0 });
		const drawn = async (run = fold.run): Promise<readonly string[]> => {
			changed.fire({ id: 'r', options: { dockerfilePath: '/Dockerfile', tags: [] }, run, resolved, record: undefined } as unknown as Build);
			return view.follow();
		};
		const goesOn = (...events: readonly VertexEvent[]): Promise<readonly string[]> => {
			fold = foldRun(fold, events);
			return drawn();
		};
		assert.deepEqual(await drawn(), ['all']);
		await goesOn(vertex('f', { name: '[1/3] FROM base', startedAt: 1, completedAt: 2 }), vertex('m', { name: '[2/3] RUN make', inputs: ['f'] }), vertex('t', { name: '[3/3] RUN test', inputs: ['m'] }));
		assert.deepEqual(await goesOn(vertex('m', { startedAt: 10 })), ['RUN make']);
		assert.deepEqual(await drawn(), []);
		assert.deepEqual(await goesOn(vertex('m', { startedAt: 10, completedAt: 1010 }), vertex('t', { startedAt: 1010 })), ['1.0 s · RUN make', 'RUN test']);
		const [row, ...others] = await drawn(finishRun(fold, { at: 2000, isCancelled: true, failure: undefined }));
		assert.match(row ?? '', /^Build /);
		assert.deepEqual(others, []);
		model.dispose();
	});
});

async function inspected(host: string, reference: string): Promise<{ readonly Id: string }> {
	const { status, body } = await engineRequest(host, 'GET', `/images/${reference}/json`);
	assert.equal(status, 200, body);
	return JSON.parse(body) as { readonly Id: string };
}
