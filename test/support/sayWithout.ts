/** What this machine cannot give is said, not silently left out. */
export function sayWithout(what: string): undefined {
	process.stdout.write(`  Without ${what}.\n`);
	return undefined;
}
