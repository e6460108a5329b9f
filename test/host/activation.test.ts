import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Manifest {
	readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('activation', () => {
	const strata = vscode.extensions.getExtension<unknown>('strata.strata');

	it('activates', async () => {
		assert.ok(strata);
		await strata.activate();
		assert.equal(strata.isActive, true);
	});

	it('offers the command that shows its log', async () => {
		await strata?.activate();
		const known = new Set(await vscode.commands.getCommands(true));
		const declared = (strata?.packageJSON as Manifest).contributes.commands.map(({ command }) => command);
		assert.ok(declared.includes('strata.log.show'));
		assert.ok(known.has('strata.log.show'));
	});
});
