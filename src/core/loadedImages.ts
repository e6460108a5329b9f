import type { TransferMessage } from './engine/engine';

/** What a load says that it brought: names, and ids of images without one, in the order of the archive. */
export function loadedImage({ stream }: TransferMessage): string | undefined {
	return /^Loaded image(?:\(s\))?(?: ID)?: (\S+)\s*$/.exec(stream ?? '')?.[1];
}
