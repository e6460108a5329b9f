import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions';

describe('commands', () => {
	before(async () => { await vscode.extensions.getExtension('strata.strata')?.activate(); });

	it('are all there once the extension is', async () => {
		const known = new Set(await vscode.commands.getCommands(true));
		assert.deepEqual(Object.values(Command).filter(command => !known.has(command)), []);
	});

	for (const command of [Command.copyImageId, Command.copyImageReference, Command.inspectImage, Command.copyContainerId, Command.inspectContainer]) {
		it(`${command} does nothing without a row`, async () => {
			const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs).length;
			await vscode.commands.executeCommand(command);
			assert.equal(vscode.window.tabGroups.all.flatMap(group => group.tabs).length, tabs);
		});
	}
});
