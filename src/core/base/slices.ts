import { setImmediate } from 'node:timers/promises';

/** Work that yields wherever it may be left off for a while, and gives its result in the end. */
export type Slices<T> = Generator<undefined, T, undefined>;

/** The longest slice of work that nobody waits for, milliseconds: what a person does meanwhile, a key press for one, comes in between. */
const sliceMs = 4;

/** Does all of it at once. */
export function atOnce<T>(work: Slices<T>): T {
	for (;;) {
		const { done, value } = work.next();
		if (done === true) {
			return value;
		}
	}
}

/** Goes on with it until a moment of `performance.now()`; undefined where it was not finished by then. */
export function workUntil<T>(work: Slices<T>, deadline: number): { readonly result: T } | undefined {
	for (;;) {
		const { done, value } = work.next();
		if (done === true) {
			return { result: value };
		}
		if (performance.now() >= deadline) {
			return undefined;
		}
	}
}

/** Does the rest of it in short slices with room for others in between. Throws the signal's reason when aborted. */
export async function inSlices<T>(work: Slices<T>, signal?: AbortSignal): Promise<T> {
	for (;;) {
		await setImmediate();
		signal?.throwIfAborted();
		const done = workUntil(work, performance.now() + sliceMs);
		if (done !== undefined) {
			return done.result;
		}
	}
}
