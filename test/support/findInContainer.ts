import type { LayerStack } from '../../src/core/layers/layeredImage';
import { rootOf, walkTree } from '../../src/core/layers/tree';
import { outputOf } from './containers';
import type { TestEngine } from './engines';

/** Path, kind, mode, size of files and target of symlinks of everything that a container of the image has. */
export async function findInContainer(test: TestEngine, reference: string): Promise<readonly string[]> {
	const kinds: Readonly<Record<string, string>> = { 'regular file': 'file', 'regular empty file': 'file', 'directory': 'directory', 'symbolic link': 'symlink', 'fifo': 'fifo' };
	const output = await outputOf(test, reference, ['/bin/find', '/', '-xdev', '-mindepth', '1', '-exec', '/bin/stat', '-c', '%n|%F|%a|%s|%N', '{}', ';']);
	return output.trimEnd().split('\n').map(line => {
		const [path = '', kind = '', mode = '', size = '', named = ''] = line.split('|');
		const is = kinds[kind] ?? kind;
		return [path, is, mode, is === 'file' ? size : '', is === 'symlink' ? /-> '?(.*?)'?$/.exec(named)?.[1] ?? '' : ''].join('|');
	});
}

/** What an engine puts into every container is none of the image's. */
export function isOfImage(line: string): boolean {
	return !/^\/(?:dev|proc|sys|etc)(?:[/|]|$)|^\/(?:\.dockerenv|run\/\.containerenv)\|/.test(line);
}

/** The same lines of what Strata shows. */
export function seenIn(stack: LayerStack): readonly string[] {
	return [...walkTree(stack, rootOf(stack))].map(({ path, kind, mode, size, link }) => [
		path, kind === 'hardlink' ? 'file' : kind, mode.toString(8), kind === 'file' || kind === 'hardlink' ? String(size) : '', kind === 'symlink' ? link ?? '' : '',
	].join('|'));
}
