import { formatBytes } from '../core/base/bytes';
import type { WhileReading } from '../services/exploredImages';

/** Says on a terminal how far a reading is, on one line that goes away at the end. */
export function readingProgress(world: { readonly hasTerminal: boolean; readonly signal: AbortSignal; err(text: string): void }): WhileReading {
	return async (name, work) => {
		let saidAt = Date.now();
		let said = false;
		try {
			return await work(world.signal, bytes => {
				if (world.hasTerminal && Date.now() - saidAt > everyMs) {
					saidAt = Date.now();
					said = true;
					world.err(`\r\x1b[K${name}: ${formatBytes(bytes)}`);
				}
			});
		} finally {
			if (said) {
				world.err('\r\x1b[K');
			}
		}
	};
}

const everyMs = 250;
