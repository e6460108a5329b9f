import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions';

const engines = JSON.parse(process.env['STRATA_TEST_ENGINES'] ?? '[]') as readonly { readonly name: string; readonly host: string }[];
const settings = vscode.workspace.getConfiguration('strata');

describe('commands', () => {
	before(async () => { await vscode.extensions.getExtension('strata.strata')?.activate(); });

	it('are all there once the extension is', async () => {
		const known = new Set(await vscode.commands.getCommands(true));
		assert.deepEqual(Object.values(Command).filter(command => !known.has(command)), []);
	});

	for (const command of [Command.copyImageId, Command.copyImageReference, Command.copyContainerId]) {
		it(`${command} does nothing without a row`, async () => {
			const tabs = openTabs();
			await vscode.commands.executeCommand(command);
			assert.equal(openTabs(), tabs);
		});
	}

	for (const { name, host } of engines.slice(0, 1)) {
		describe(`that ask which one, Docker ${name}`, () => {
			before(() => settings.update('engine.endpoint', host, vscode.ConfigurationTarget.Global));
			after(() => settings.update('engine.endpoint', undefined, vscode.ConfigurationTarget.Global));

			it('inspect the image that is chosen, and none where the question is closed', async () => {
				const tabs = openTabs();
				await answering(Command.inspectImage, 'workbench.action.closeQuickOpen');
				assert.equal(openTabs(), tabs);
				await answering(Command.inspectImage, 'workbench.action.acceptSelectedQuickOpenItem');
				assert.match(vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? '', /\.json$/);
				assert.match((JSON.parse(vscode.window.activeTextEditor?.document.getText() ?? '') as { readonly Id: string }).Id, /^sha256:/);
				await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
			});
		});
	}
});

/** Runs a command and answers until it has come to its end: nobody tells a test when a question is on the screen. */
async function answering(command: string, answer: string): Promise<void> {
	let isDone = false;
	const done = vscode.commands.executeCommand(command).then(() => { isDone = true; });
	while (!isDone) {
		await vscode.commands.executeCommand(answer);
		await new Promise(resolve => { setTimeout(resolve, 20); });
	}
	await done;
}

function openTabs(): number {
	return vscode.window.tabGroups.all.flatMap(group => group.tabs).length;
}
