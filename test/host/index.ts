import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Mocha from 'mocha';

/** Called by the editor inside its extension host. Every test file beside this one runs; none is listed by hand. */
export async function run(): Promise<void> {
	const mocha = new Mocha({
		ui: 'bdd',
		color: false,
		timeout: 60_000,
		grep: process.env.STRATA_TEST_GREP,
		reporter: resolve(__dirname, '../../../test/support/reporter.cjs'),
	});
	for (const name of readdirSync(__dirname, { recursive: true, encoding: 'utf8' })) {
		if (name.endsWith('.test.js')) {
			mocha.addFile(join(__dirname, name));
		}
	}
	const failures = await new Promise<number>(finished => mocha.run(finished));
	if (failures > 0) {
		throw new Error(`${failures} of the tests in the extension host failed.`);
	}
}
