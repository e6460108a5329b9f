import { join } from 'node:path';
import { openWorkbench } from './lib/workbench.mjs';
import { root } from './lib/project.mjs';

/** The main job with nobody at the screen, on `engine` (`{ host, settings }`): what it did is printed and photographed. */
export async function headlessTour(engine) {
	const workbench = await openWorkbench({ folder: join(root, 'samples'), extensionPath: root, settings: engine.settings });
	try {
		await workbench.page.getByRole('tab', { name: 'Strata' }).click();
		console.log(await workbench.screenshot('start'));
	} finally {
		await workbench.close();
	}
}
