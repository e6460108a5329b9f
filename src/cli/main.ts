import { runCommandLine } from './runCommandLine';

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	// The first asks the engine to end its work; whoever cannot wait for that asks again.
	process.once(signal, () => { abort.abort(); });
}

runCommandLine(process.argv.slice(2), {
	cwd: process.cwd(),
	env: process.env,
	out: text => new Promise<void>(done => { process.stdout.write(text, () => { done(); }); }),
	err: text => { process.stderr.write(text); },
	hasTerminal: process.stderr.isTTY === true,
	signal: abort.signal,
}).then(
	code => { process.exitCode = code; },
	(error: unknown) => {
		process.stderr.write(`${String(error)}\n`);
		process.exitCode = 1;
	},
);
