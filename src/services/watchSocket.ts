import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Disposable } from '../core/base/event';

/** An engine listens on its socket a moment after the file is there. */
const settleMs = 200;

/**
 * Tells, once, that the socket of an engine (`unix://…`) has appeared or changed. Undefined where that cannot be
 * watched: another kind of address, or a folder that is not there.
 */
export function watchSocket(url: string, onAppear: () => void): Disposable | undefined {
	if (!url.startsWith('unix://')) {
		return undefined;
	}
	const path = url.slice('unix://'.length);
	let timer: NodeJS.Timeout | undefined;
	try {
		const watcher = watch(dirname(path), { persistent: false }, (_change, name) => {
			if (name === basename(path) && timer === undefined) {
				timer = setTimeout(onAppear, settleMs);
				timer.unref();
			}
		});
		watcher.on('error', () => { watcher.close(); });
		return {
			dispose: () => {
				clearTimeout(timer);
				watcher.close();
			},
		};
	} catch {
		return undefined;
	}
}
