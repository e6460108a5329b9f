import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { removeImagesWith } from '../support/engineRequest';

const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly name: string; readonly host: string }[];
/** No other build has said this word, so nothing comes from an earlier one's cache. */
const word = randomUUID();

for (const engine of engines.slice(-1)) {
	describe(`a line against last time, Docker ${engine.name}`, () => {
		let folder: string;
		let document: vscode.TextDocument;

		before(async () => {
			await set({ 'engine.endpoint': engine.host, 'build.builder': 'buildkit', 'build.network': 'none', 'forecast.enabled': false });
			folder = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'line-history');
			await mkdir(folder);
			await writeFile(join(folder, 'data.bin'), Buffer.alloc(1_000_000, word));
			await writeFile(join(folder, 'small.txt'), word);
			await writeFile(join(folder, 'Dockerfile'), [
				'FROM strata-test/base:1 AS extra', 'COPY small.txt /', // 1-2
				'FROM strata-test/base:1 AS final', `RUN echo ${word}`, 'COPY data.bin /', '', // 3-5
			].join('\n'));
			document = await vscode.workspace.openTextDocument(join(folder, 'Dockerfile'));
			await vscode.window.showTextDocument(document);
			await vscode.commands.executeCommand('strata.build', document.uri);
		});

		after(async () => {
			await vscode.commands.executeCommand('workbench.action.closeAllEditors');
			await set({ 'engine.endpoint': undefined, 'build.builder': undefined, 'build.network': undefined, 'forecast.enabled': undefined, 'growth.threshold': undefined });
			await removeImagesWith(engine.host, word);
		});

		it('says on the line what it grew by, and makes it a Problem', async () => {
			await vscode.commands.executeCommand('strata.build.pinBaseline', document.uri);
			await writeFile(join(folder, 'data.bin'), Buffer.alloc(13_000_000, word));
			await vscode.commands.executeCommand('strata.build', document.uri);
			await seen(document, /^5 13 MB · (?:<?[\d.]+ s · )?\+12 MB(?:, \S+ s)? since last build · ran/);
			assert.match(await hover(document, 4), /\| Since last build \| \*\*\\\+12 MB.*\| was 1 MB/);
			assert.match(await hover(document, 4), /\| Since pinned baseline \| \*\*\\\+12 MB.*\| was 1 MB/);
			assert.match(await hover(document, 4), /\| Sizes \| \*\*▁█\*\*&ensp; \| in 2 builds, oldest first, bars from zero\\: 1 MB, 13 MB \|/);
			assert.match(await hover(document, 2), /\| Own layers \| \*\*13 MB\*\*&ensp; \| lines 4, 5 \|/);
			assert.deepEqual(problems(document), ['5 Warning This line\'s layer grew by 12 MB to 13 MB; in the pinned baseline (just now) it was 1 MB.']);
		});

		it('says so until the build is pinned that made it so', async () => {
			await set({ 'growth.threshold': 0 });
			await until(() => problems(document).length === 0);
			await set({ 'growth.threshold': undefined });
			await until(() => problems(document).length === 1);
			await vscode.commands.executeCommand('strata.build.unpinBaseline', document.uri);
			await until(() => problems(document)[0]?.includes('in the build before') === true);
			await vscode.commands.executeCommand('strata.build.pinBaseline', document.uri);
			await vscode.commands.executeCommand('strata.build', document.uri);
			await seen(document, /^5 13 MB · cached$/);
			await until(() => problems(document).length === 0);
			assert.match(await hover(document, 4), /\| Since pinned baseline \| \*\*same size\*\*&ensp; \| was 13 MB \\\(built just now\\\) \|/);
		});

		it('measures a stage that no build needed, when asked', async () => {
			await seen(document, /^1 stage extra: not in the image$/);
			const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, new vscode.Range(0, 0, 0, 0));
			const action = actions.find(({ title }) => title === 'Measure This Stage');
			assert.ok(action?.command, actions.map(({ title }) => title).join(', '));
			await vscode.commands.executeCommand(action.command.command, ...action.command.arguments as unknown[]);
			await seen(document, /^1 stage extra: 36 B, not in the image$/);
			assert.match(await hover(document, 1), /\| Size \| \*\*36 B\*\*&ensp; \| layer, uncompressed, as a later build of just this stage gave it \|/);
		});
	});
}

async function set(values: Readonly<Record<string, unknown>>): Promise<void> {
	for (const [key, value] of Object.entries(values)) {
		await vscode.workspace.getConfiguration('strata').update(key, value, vscode.ConfigurationTarget.Global);
	}
}

/** Waits until a lens says so: what was built before is read after the build. */
async function seen(document: vscode.TextDocument, wanted: RegExp): Promise<void> {
	await until(async () => (await titles(document)).some(title => wanted.test(title)), async () => `no lens says ${String(wanted)}:\n${(await titles(document)).join('\n')}`);
}

async function until(holds: () => boolean | Promise<boolean>, otherwise: () => string | Promise<string> = () => String(holds)): Promise<void> {
	for (const end = Date.now() + 30_000; !await holds();) {
		assert.ok(Date.now() < end, await otherwise());
		await new Promise(resolve => { setTimeout(resolve, 50); });
	}
}

async function titles(document: vscode.TextDocument): Promise<string[]> {
	const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 1000);
	return lenses.map(({ range, command }) => `${String(range.start.line + 1)} ${command?.title ?? ''}`);
}

async function hover(document: vscode.TextDocument, line: number): Promise<string> {
	const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, new vscode.Position(line, 0));
	return hovers.flatMap(({ contents }) => contents).map(content => (content as vscode.MarkdownString).value).join('\n');
}

function problems(document: vscode.TextDocument): readonly string[] {
	return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Strata')
		.map(({ range, severity, message }) => `${String(range.start.line + 1)} ${vscode.DiagnosticSeverity[severity]} ${message}`);
}
