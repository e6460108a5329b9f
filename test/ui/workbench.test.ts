import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Workbench } from '../../scripts/lib/workbench.mjs';

const root = resolve(__dirname, '../..');

describe('workbench', function () {
	this.timeout(120_000);
	let scratch: string;
	let workbench: Workbench;

	before(async () => {
		const { openWorkbench } = await import('../../scripts/lib/workbench.mjs');
		scratch = await mkdtemp(join(tmpdir(), 'strata-ui-'));
		await cp(join(root, 'samples'), join(scratch, 'samples'), { recursive: true });
		workbench = await openWorkbench({ folder: join(scratch, 'samples'), extensionPath: root });
	});

	after(async () => {
		await workbench?.close();
		await rm(scratch, { recursive: true, force: true });
	});

	it('has a place for Strata with its three views', async () => {
		await workbench.page.getByRole('tab', { name: 'Strata' }).click();
		for (const view of ['Builds', 'Images', 'Containers']) {
			await workbench.page.getByRole('button', { name: new RegExp(`${view} Section`, 'i') }).waitFor();
		}
		await workbench.screenshot('views');
	});
});
