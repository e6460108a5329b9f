import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { removeImagesWith } from '../support/engineRequest';

const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly name: string; readonly host: string }[];

/** Every build of the test does its work once: no other one has said this word. */
const word = randomUUID();

const text = `ARG BASE=strata-test/base:1
FROM \${BASE} AS tools
RUN echo ${word} > /tool && dd if=/dev/zero of=/big bs=1000 count=2500 2>/dev/null

FROM \${BASE}
WORKDIR /app-${word}
COPY data.txt ./
# one of two
RUN cat data.txt data.txt > twice
COPY --from=tools /tool ./
ENV A=1
CMD ["cat", "twice"]
`;

for (const engine of engines) {
	for (const builder of ['buildkit', 'classic']) {
		describe(`a Dockerfile in the editor, Docker ${engine.name}, ${builder}`, () => {
			const name = `lines-${engine.name.replace('.', '-')}-${builder}`;
			let folder: string;
			let document: vscode.TextDocument;

			before(async () => {
				await set({ 'engine.endpoint': engine.host, 'build.builder': builder, 'build.network': 'none', 'forecast.enabled': false });
				folder = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, name);
				await mkdir(folder);
				await writeFile(join(folder, 'data.txt'), 'data');
				await writeFile(join(folder, 'Dockerfile'), text.replaceAll(word, `${word}-${name}`));
				document = await vscode.workspace.openTextDocument(join(folder, 'Dockerfile'));
				await vscode.window.showTextDocument(document);
			});

			after(async () => {
				await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
				await set({ 'engine.endpoint': undefined, 'build.builder': undefined, 'build.network': undefined, 'forecast.enabled': undefined });
				await removeImagesWith(engine.host, `${word}-${name}`);
			});

			it('offers to build before anything is known', async () => {
				assert.deepEqual(await titles(document), ['2 $(play) Build', '2 Build to This Stage']);
			});

			it('shows after a build what each line cost', async () => {
				await build(document);
				await otherStageMeasured(document);
				assert.deepEqual(measured(await titles(document)), [
					'2 stage tools: N, not in the image · N', '2 $(play) Build', '2 Build to This Stage',
					'3 N · N · ran',
					'5 stage total N · N',
					'5 $(search) Analyze Layers',
					'6 N · N · ran', '7 N · N · ran', '9 N · N · ran', '10 N · N · ran',
					...builder === 'classic' ? ['11 N · ran', '12 N · ran'] : [],
				]);
				const byLine = await titles(document);
				assert.ok(byLine.some(title => /^7 4 B · /.test(title)), byLine.join('\n'));
				assert.ok(byLine.some(title => /^9 8 B · /.test(title)), byLine.join('\n'));
			});

			it('shows what the cache gave', async () => {
				await build(document);
				await otherStageMeasured(document);
				const config = builder === 'classic' ? ['11 cached', '12 cached'] : [];
				assert.deepEqual((await titles(document)).filter(title => title.endsWith('cached')),
					['3 2.5 MB · cached', '6 0 B · cached', '7 4 B · cached', '9 8 B · cached', `10 ${String(word.length + name.length + 2)} B · cached`, ...config]);
			});

			it('shows which lines a changed file made run again', async () => {
				await writeFile(join(folder, 'data.txt'), 'other data');
				await build(document);
				assert.deepEqual((await titles(document)).filter(title => / · ran\b/.test(title)).map(title => title.split(' ')[0]),
					builder === 'classic' ? ['7', '9', '10', '11', '12'] : ['7', '9', '10']);
			});

			it('tells the story of a line where the pointer rests', async () => {
				const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, new vscode.Position(8, 6));
				const story = hovers.flatMap(({ contents }) => contents).map(content => (content as vscode.MarkdownString).value).join('\n');
				assert.match(story, /\| Size \| \*\*20 B\*\*&ensp; \| layer, uncompressed, as the engine's history gives it \|/);
				assert.match(story, /\| Outcome \| \*\*ran\*\*&ensp; \|/);
				assert.match(story, /\(command:strata\.line\.showInImages\?/);
			});

			it('keeps facts with their instruction through an edit, and says what is not as it was', async () => {
				await edit(document, 'RUN cat data.txt data.txt', '\n\n# moved\nRUN cat data.txt data.txt data.txt');
				assert.deepEqual(measured(await titles(document)).filter(title => /^\d+ was/.test(title)), [
					'12 was N · N · edited since', '13 was N · N · depends on an edit',
					...builder === 'classic' ? ['14 was N · depends on an edit', '15 was N · depends on an edit'] : [],
				]);
				assert.ok((await titles(document)).some(title => title.startsWith('12 was 20 B · ')));
				await vscode.commands.executeCommand('workbench.action.files.revert');
			});

			it('makes a failed step a problem on its line, with the end of its output', async () => {
				await edit(document, 'ENV A=1', 'ENV A=1\nRUN echo it went wrong; exit 3');
				await document.save();
				const told = problems(document);
				await build(document);
				const [problem] = await told;
				assert.equal(problem?.range.start.line, 11);
				assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
				assert.equal(problem.message, 'RUN failed with exit code 3.\nit went wrong');
				const outcomes = (await titles(document)).filter(title => !/stage|Build|image|Analyze/.test(title)).map(title => title.replace(/^(\d+) .*?\b(cached|failed|ran|not run)\b.*$/, '$1 $2'));
				assert.deepEqual(outcomes, [
					'3 cached', '6 cached', '7 cached', '9 cached', '10 cached', ...builder === 'classic' ? ['11 cached'] : [], '12 failed',
				]);
			});

			it('shows the parts that are wanted, where they are wanted', async () => {
				await set({ 'lines.sizes': false, 'lines.times': false });
				assert.ok((await titles(document)).includes('7 cached'));
				await set({ 'lines.show': 'endOfLine' });
				assert.deepEqual(await titles(document), []);
				await set({ 'lines.show': 'off' });
				assert.deepEqual(await titles(document), []);
				await set({ 'lines.show': undefined, 'lines.sizes': undefined, 'lines.times': undefined });
			});
		});
	}
}

async function set(values: Readonly<Record<string, unknown>>): Promise<void> {
	for (const [key, value] of Object.entries(values)) {
		await vscode.workspace.getConfiguration('strata').update(key, value, vscode.ConfigurationTarget.Global);
	}
}

async function build(document: vscode.TextDocument): Promise<void> {
	await titles(document);
	await vscode.commands.executeCommand('strata.build', document.uri);
}

/** The lenses as a person reads them: the line they stand over, and their words. */
async function titles(document: vscode.TextDocument): Promise<string[]> {
	const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 1000);
	return lenses.map(({ range, command }) => `${String(range.start.line + 1)} ${command?.title ?? ''}`);
}

/** Sizes of stages that are not in the image come after the build has ended, from the engine's build cache. */
async function otherStageMeasured(document: vscode.TextDocument): Promise<void> {
	while (!(await titles(document)).some(title => /^3 [\d.]+ MB · /.test(title))) {
		await new Promise(resolve => { setTimeout(resolve, 50); });
	}
}

/** Numbers differ from machine to machine. */
function measured(lenses: readonly string[]): string[] {
	return lenses.map(title => title.replace(/<?\d+(?:\.\d+)? (?:[kMG]?B|s|min)\b/g, 'N'));
}

async function edit(document: vscode.TextDocument, before: string, after: string): Promise<void> {
	const start = document.getText().indexOf(before);
	const change = new vscode.WorkspaceEdit();
	change.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(start + before.length)), after);
	assert.ok(await vscode.workspace.applyEdit(change));
}

/** The document's errors, as soon as there are some. */
function problems(document: vscode.TextDocument): Promise<readonly vscode.Diagnostic[]> {
	const errors = (): readonly vscode.Diagnostic[] => vscode.languages.getDiagnostics(document.uri).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
	return new Promise(resolve => {
		const subscription = vscode.languages.onDidChangeDiagnostics(() => {
			if (errors().length > 0) {
				subscription.dispose();
				resolve(errors());
			}
		});
	});
}
