import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { removeImagesWith } from '../support/engineRequest';
import { archiveTar, newArchive, oldArchive, type ImageDescription } from '../support/imageOf';

const image: ImageDescription = {
	reference: 'sample/app:1',
	layers: [
		['etc/', 'etc/config = one\n', 'etc/link -> config', 'etc/nowhere -> missing', 'usr/big * 70000'],
		['etc/config = two\n', 'etc/added = new\n'],
		['-etc/added', '-usr/big'],
	],
};

describe('files of an image archive in the editor', () => {
	const forms: Readonly<Record<string, () => Buffer>> = {
		'the old layout': () => archiveTar(oldArchive(image)),
		'the new layout': () => archiveTar(newArchive(image)),
		'gzip layers': () => archiveTar(newArchive(image, 'gzip')),
		'an archive that is itself compressed': () => gzipSync(archiveTar(newArchive(image))),
	};
	for (const [form, bytes] of Object.entries(forms)) {
		describe(form, () => {
			let path: string;
			const uri = (layer: number, file: string): vscode.Uri => vscode.Uri.from({
				scheme: 'strata-layer', path: `/sample/${String(layer)}${file}`, query: JSON.stringify({ kind: 'archive', path }),
			});
			const read = async (layer: number, file: string): Promise<string> => Buffer.from(await vscode.workspace.fs.readFile(uri(layer, file))).toString();

			before(async () => {
				path = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, `${randomUUID()}.tar`);
				await writeFile(path, bytes());
			});

			after(async () => {
				await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			});

			it('read as they are with each layer, links followed', async () => {
				assert.deepEqual([await read(0, '/etc/config'), await read(1, '/etc/config'), await read(2, '/etc/config')], ['one\n', 'two\n', 'two\n']);
				assert.equal(await read(1, '/etc/link'), 'two\n');
				assert.equal(await read(0, '/usr/big'), 'usr/big'.repeat(10_000));
			});

			it('are listed with their kinds', async () => {
				assert.deepEqual((await vscode.workspace.fs.readDirectory(uri(1, '/etc'))).sort(), [
					['added', vscode.FileType.File], ['config', vscode.FileType.File], ['link', vscode.FileType.SymbolicLink], ['nowhere', vscode.FileType.SymbolicLink],
				]);
				assert.deepEqual((await vscode.workspace.fs.readDirectory(uri(2, '/'))).map(([name]) => name), ['etc', 'usr']);
			});

			it('are told from those that are not there', async () => {
				await assert.rejects(async () => vscode.workspace.fs.stat(uri(0, '/etc/added')), { code: 'FileNotFound' });
				await assert.rejects(async () => vscode.workspace.fs.stat(uri(2, '/etc/added')), { code: 'FileNotFound' });
				await assert.rejects(async () => vscode.workspace.fs.readFile(uri(0, '/etc')), { code: 'FileIsADirectory' });
				await assert.rejects(async () => vscode.workspace.fs.stat(uri(7, '/etc')), { code: 'FileNotFound' });
			});

			it('cannot be written', async () => {
				const { permissions } = await vscode.workspace.fs.stat(uri(0, '/etc/config'));
				assert.equal(permissions, vscode.FilePermission.Readonly);
				await assert.rejects(async () => vscode.workspace.fs.writeFile(uri(0, '/etc/config'), Buffer.from('x')));
				await assert.rejects(async () => vscode.workspace.fs.delete(uri(0, '/etc/config')));
			});

			it('are compared with what the layer before had', async () => {
				await vscode.commands.executeCommand('strata.file.compareWithPreviousLayer', uri(2, '/etc/config'));
				const diff = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
				assert.ok(diff instanceof vscode.TabInputTextDiff);
				const [left, right] = await Promise.all([diff.original, diff.modified].map(async side => (await vscode.workspace.openTextDocument(side)).getText()));
				assert.deepEqual([left, right], ['one\n', 'two\n']);
			});

			it('are compared with nothing where the layer added them', async () => {
				await vscode.commands.executeCommand('strata.file.compareWithPreviousLayer', uri(1, '/etc/added'));
				const diff = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
				assert.ok(diff instanceof vscode.TabInputTextDiff);
				assert.equal((await vscode.workspace.openTextDocument(diff.original)).getText(), '');
			});
		});
	}

	it('an address that says nothing leads nowhere', async () => {
		for (const query of ['', '{', '{"kind":"engine"}', '[]']) {
			await assert.rejects(async () => vscode.workspace.fs.stat(vscode.Uri.from({ scheme: 'strata-layer', path: '/x/0/a', query })), { code: 'FileNotFound' });
		}
	});

	it('a broken archive says why', async () => {
		const path = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, `${randomUUID()}.tar`);
		const bytes = archiveTar(oldArchive(image));
		await writeFile(path, bytes.subarray(0, bytes.length / 2));
		const uri = vscode.Uri.from({ scheme: 'strata-layer', path: '/broken/0/etc/config', query: JSON.stringify({ kind: 'archive', path }) });
		await assert.rejects(async () => vscode.workspace.fs.readFile(uri), /cut off|missing|no image archive/);
	});
});

const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly name: string; readonly host: string }[];

for (const engine of engines) {
	describe(`waste on the lines of a Dockerfile, Docker ${engine.name}`, () => {
		const word = randomUUID();
		const settings = { 'engine.endpoint': engine.host, 'build.builder': 'classic', 'build.network': 'none', 'forecast.enabled': false, 'waste.threshold': 1 };
		let document: vscode.TextDocument;

		before(async () => {
			await set(settings);
			const folder = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, `waste-${engine.name.replace('.', '-')}`);
			await mkdir(folder);
			await writeFile(join(folder, 'Dockerfile'), `ARG BASE=strata-test/base:1
FROM \${BASE}
RUN echo ${word} && dd if=/dev/zero of=/big bs=1000000 count=6 2>/dev/null
RUN echo small > /small
RUN rm /big
`);
			document = await vscode.workspace.openTextDocument(join(folder, 'Dockerfile'));
			await vscode.window.showTextDocument(document);
		});

		after(async () => {
			await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
			await set(Object.fromEntries(Object.keys(settings).map(key => [key, undefined])));
			await removeImagesWith(engine.host, word);
		});

		it('is offered to be measured after a build', async () => {
			await lenses(document);
			await vscode.commands.executeCommand('strata.build', document.uri);
			await seen(async () => (await lenses(document)).includes('2 $(search) Analyze Layers'));
		});

		it('is a problem on the line that adds, with the line that removes', async () => {
			await vscode.commands.executeCommand('strata.image.analyze', document.uri);
			await seen(() => wasteProblems(document).length > 0);
			const [problem] = wasteProblems(document);
			assert.equal(problem?.range.start.line, 2);
			assert.match(problem.message, /^6 MB of what this line adds is waste.* Line 5 removes 6 MB: \/big\.$/);
			assert.deepEqual(problem.relatedInformation?.map(({ location }) => location.range.start.line), [4]);
			assert.ok((await lenses(document)).some(title => /^3 6 MB · wastes 6 MB/.test(title)));
			assert.ok((await lenses(document)).some(title => /^2 wastes 6 MB of /.test(title)));
		});

		it('is beside the files themselves: a path in a line leads to the file as that line leaves it', async () => {
			const fileAt = async (line: number, path: string): Promise<string | undefined> => {
				const position = new vscode.Position(line - 1, document.lineAt(line - 1).text.indexOf(path) + 2);
				const [found] = await vscode.commands.executeCommand<vscode.LocationLink[]>('vscode.executeDefinitionProvider', document.uri, position);
				return found && Buffer.from(await vscode.workspace.fs.readFile(found.targetUri)).toString('latin1');
			};
			assert.equal(await fileAt(4, '/small'), 'small\n');
			assert.equal((await fileAt(3, '/big'))?.length, 6_000_000);
			assert.equal(await fileAt(5, '/big'), undefined);
		});

		it('has a fix that says what it saves, and the next build measures it', async () => {
			const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, wasteProblems(document)[0]!.range);
			const fix = actions.find(({ title }) => title.startsWith('Join lines'));
			assert.equal(fix?.title, 'Join lines 3 to 5 into one RUN (should save 6 MB)');
			assert.ok(await vscode.workspace.applyEdit(fix.edit!));
			await vscode.commands.executeCommand(fix.command!.command, ...fix.command!.arguments as unknown[]);
			assert.match(document.getText(), / \\\n {4}&& echo small > \/small \\\n {4}&& rm \/big\n$/);
			assert.deepEqual(wasteProblems(document), []);
			await document.save();
			await vscode.commands.executeCommand('strata.build', document.uri);
			await seen(async () => (await lenses(document)).includes('2 6 MB smaller; 6 MB promised'));
		});
	});
}

async function set(values: Readonly<Record<string, unknown>>): Promise<void> {
	for (const [key, value] of Object.entries(values)) {
		await vscode.workspace.getConfiguration('strata').update(key, value, vscode.ConfigurationTarget.Global);
	}
}

async function lenses(document: vscode.TextDocument): Promise<readonly string[]> {
	const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 1000);
	return found.map(({ range, command }) => `${String(range.start.line + 1)} ${command?.title ?? ''}`);
}

function wasteProblems(document: vscode.TextDocument): readonly vscode.Diagnostic[] {
	return vscode.languages.getDiagnostics(document.uri).filter(({ code }) => code === 'waste');
}

/** Ends when something can be seen; the test's own time ends the waiting. */
async function seen(isSeen: () => boolean | Promise<boolean>): Promise<void> {
	while (!await isSeen()) {
		await new Promise(resolve => { setTimeout(resolve, 50); });
	}
}
