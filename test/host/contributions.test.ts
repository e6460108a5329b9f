import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions';

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

	for (const command of [Command.inspectImage, Command.inspectContainer]) {
		it(`${command} asks which one without a row, and opens nothing when the question is closed`, async () => {
			const tabs = openTabs();
			let isDone = false;
			const done = vscode.commands.executeCommand(command).then(() => { isDone = true; });
			while (!isDone) {
				await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
				// Where there is none to choose, a message says so.
				await vscode.commands.executeCommand('notifications.clearAll');
				await new Promise(resolve => { setTimeout(resolve, 20); });
			}
			await done;
			assert.equal(openTabs(), tabs);
		});
	}
});

function openTabs(): number {
	return vscode.window.tabGroups.all.flatMap(group => group.tabs).length;
}
