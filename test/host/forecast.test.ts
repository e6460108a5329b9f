import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { removeImagesWith } from '../support/engineRequest';

const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly name: string; readonly host: string }[];
/** No other build has said this word, so nothing comes from an earlier one's cache. */
const word = randomUUID();

for (const engine of engines) {
	for (const builder of ['buildkit', 'classic']) {
		describe(`reasons and forecasts in the editor, Docker ${engine.name}, ${builder}`, () => {
			const name = `forecast-${engine.name.replace('.', '-')}-${builder}`;
			let folder: string;
			let document: vscode.TextDocument;

			before(async () => {
				await set({ 'engine.endpoint': engine.host, 'build.builder': builder, 'build.network': 'none' });
				folder = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, name);
				await mkdir(folder);
				await writeFile(join(folder, 'data.txt'), `${word} data`);
				await writeFile(join(folder, 'Dockerfile'), `FROM strata-test/base:1\nRUN echo ${word}-${name} > /first\nCOPY data.txt /\nRUN cat /data.txt > /copy\n`);
				document = await vscode.workspace.openTextDocument(join(folder, 'Dockerfile'));
				await vscode.window.showTextDocument(document);
				await vscode.commands.executeCommand('strata.build', document.uri);
			});

			after(async () => {
				await vscode.commands.executeCommand('workbench.action.closeAllEditors');
				await set({ 'engine.endpoint': undefined, 'build.builder': undefined, 'build.network': undefined });
				await removeImagesWith(engine.host, `${word}-${name}`);
			});

			it('foretells what a changed file will rebuild, and nothing else', async () => {
				await writeFile(join(folder, 'data.txt'), `${word} other data`);
				await seen(document, /^3 .*will rebuild · data\.txt changed$/);
				assert.deepEqual((await titles(document)).filter(title => title.includes('will')).map(withoutNumbers), ['3 will rebuild · data.txt changed', '4 will rebuild · line 3 will']);
			});

			it('says after the build why each line ran', async () => {
				await vscode.commands.executeCommand('strata.build', document.uri);
				await seen(document, /^3 .*ran · data\.txt changed$/);
				assert.deepEqual((await titles(document)).filter(title => / · (?:ran|cached)\b/.test(title)).map(withoutNumbers),
					['2 cached', '3 +6 B since last build · ran · data.txt changed', '4 +6 B since last build · ran · line 3 ran']);
			});

			it('foretells an edit as it is typed, and takes it back', async () => {
				await edit(document, '> /copy', '> /copied');
				await seen(document, /^4 .*will rebuild · line was edited$/);
				await edit(document, '> /copied', '> /copy');
				await seen(document, /^4 .*ran · line 3 ran$/);
			});

			it('explains a miss on a page', async () => {
				await vscode.commands.executeCommand('strata.line.explain', { kind: 'line', path: document.uri.fsPath, line: 4 });
				const page = await text('Line 4: Cache Miss.md', name);
				assert.match(page, /# Why line 4 ran/);
				assert.match(page, /`data\.txt` content changed/);
			});

			it('scored the forecast', async () => {
				await vscode.commands.executeCommand('strata.forecast.accuracy');
				const escaped = name.replaceAll('-', '\\-');
				const [newest] = (await text('Forecast Accuracy.md', escaped)).split('\n').filter(row => row.includes(escaped));
				// Steps, right, wrong hits, wrong misses, depends, unknown.
				assert.deepEqual(newest?.split('|').slice(3, 9).map(cell => cell.trim()), ['3', '3', '0', '0', '0', '0']);
			});
		});
	}
}

async function set(values: Readonly<Record<string, unknown>>): Promise<void> {
	for (const [key, value] of Object.entries(values)) {
		await vscode.workspace.getConfiguration('strata').update(key, value, vscode.ConfigurationTarget.Global);
	}
}

async function titles(document: vscode.TextDocument): Promise<string[]> {
	const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 1000);
	return lenses.map(({ range, command }) => `${String(range.start.line + 1)} ${command?.title ?? ''}`);
}

/** Waits until a lens says so; forecasts follow files and edits after a pause. */
async function seen(document: vscode.TextDocument, wanted: RegExp): Promise<void> {
	const until = Date.now() + 30_000;
	for (let said = await titles(document); !said.some(title => wanted.test(title)); said = await titles(document)) {
		assert.ok(Date.now() < until, `no lens says ${String(wanted)}:\n${said.join('\n')}`);
		await new Promise(resolve => { setTimeout(resolve, 100); });
	}
}

function withoutNumbers(title: string): string {
	return title.replace(/<?\d+(?:\.\d+)? (?:[kMG]?B|s|min) · /g, '').replace('was ', '');
}

async function edit(document: vscode.TextDocument, before: string, after: string): Promise<void> {
	const start = document.getText().indexOf(before);
	const change = new vscode.WorkspaceEdit();
	change.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(start + before.length)), after);
	assert.ok(await vscode.workspace.applyEdit(change));
}

/** A page that was opened, as its Markdown, once its address or its words name `about`. */
async function text(page: string, about: string): Promise<string> {
	const until = Date.now() + 30_000;
	for (;;) {
		const found = vscode.workspace.textDocuments.find(document => document.uri.path.endsWith(`/${page}`) && `${document.uri.query}\n${document.getText()}`.includes(about));
		if (found !== undefined) {
			return found.getText();
		}
		assert.ok(Date.now() < until, `no page ${page} about ${about} was opened`);
		await new Promise(resolve => { setTimeout(resolve, 100); });
	}
}
