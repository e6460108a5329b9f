import type { TransferMessage } from './engine/engine';
import { familiarName } from './engine/records/wire';

/** What a load says that it brought: names, and ids of images without one. Docker tells each by itself, Podman all at once. */
export function loadedImages({ stream }: TransferMessage): readonly string[] {
	const told = /^Loaded image(?:\(s\))?(?: ID)?: (\S+)\s*$/.exec(stream ?? '')?.[1];
	return told?.split(',').map(familiarName) ?? [];
}
