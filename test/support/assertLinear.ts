import { ok } from 'node:assert/strict';

/** How much more there is to do the second time: what is quadratic then takes 256 times as long, what is linear 16 times. */
const factor = 16;
/** Nor is what is linear as quick where the processor's caches no longer hold it all. */
const most = 96;

/**
 * Fails where `work` takes more than in proportion to `size`. What counts is the processor's time of this process, and the
 * best of some tries: a machine that is slow or busy with others fails no test, while quadratic work never passes.
 * For `size` the work should take some tenths of a millisecond.
 */
export function assertLinear(size: number, work: (size: number) => void): void {
	let [small, large] = [Infinity, Infinity];
	for (let tries = 0; tries < 8 && !(large < small * most); tries++) {
		// In turn, so that both are compiled and warm alike.
		small = Math.min(small, took(() => { work(size); }), took(() => { work(size); }));
		large = Math.min(large, took(() => { work(size * factor); }));
	}
	ok(large < small * most, `${large} µs for ${factor} times what took ${small} µs`);
}

/** Microseconds. */
function took(work: () => void): number {
	const before = process.cpuUsage();
	work();
	const { user, system } = process.cpuUsage(before);
	return user + system;
}
