#!/usr/bin/env node
// Stands where @vscode/test-electron expects the desktop's executable: same arguments, same exit code, but
// the tests run in the extension host of the workbench server, opened by a browser nobody sees.
import { chromium } from 'playwright-core';
import { format } from 'node:util';
import { chromiumArguments, findChromium } from './lib/chromium.mjs';
import { startServer } from './lib/server.mjs';

const option = name => process.argv.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = process.argv.slice(2).find(arg => !arg.startsWith('-'));
const minutes = Number(process.env.STRATA_HOST_MINUTES ?? 15);
// What the workbench says about itself between the lines of the tests: the galleries it cannot reach, its own start.
const noise = /^Canceled: |authentication provider|workbench contribution .* took|socket|AgentHost|AccountPolicy|gallery|Service Worker|grace time|connection token|builtin extensions|vsda|\[lifecycle\]/i;

let finish;
const ended = new Promise(resolve => { finish = resolve; });
const server = await startServer();
const browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
for (const signal of ['SIGINT', 'SIGTERM']) {
	process.once(signal, () => { finish(130); });
}
const timer = setTimeout(() => {
	console.error(`The tests in the extension host did not end in ${minutes} minutes.\n${server.log()}`);
	finish(1);
}, minutes * 60_000);

const page = await browser.newPage();
await page.exposeFunction('codeAutomationLog', (type, args) => {
	const line = format(...args);
	if (!noise.test(line)) {
		console.log(line);
	}
});
await page.exposeFunction('codeAutomationExit', code => { finish(code); });
page.on('crash', () => {
	console.error('The page of the workbench crashed.');
	finish(1);
});
await page.goto(server.address(folder, {
	extensionDevelopmentPath: option('extensionDevelopmentPath'),
	extensionTestsPath: option('extensionTestsPath'),
}));

const code = await ended;
clearTimeout(timer);
await browser.close();
await server.stop();
process.exit(code);
