import { ArchiveError } from './archiveError';

/**
 * The names of a path in an archive, from the root: leading `/` and `./`, empty names and `.` do not count. A `..`
 * that leaves the root throws `unsafePath`, as engines do; so does a NUL in a name.
 */
export function pathNames(path: Buffer): Buffer[] {
	const names: Buffer[] = [];
	for (let at = 0; at < path.length;) {
		let end = path.indexOf(0x2f, at);
		if (end < 0) {
			end = path.length;
		}
		const length = end - at;
		if (length === 2 && path[at] === 0x2e && path[at + 1] === 0x2e) {
			if (names.pop() === undefined) {
				throw new ArchiveError('unsafePath', path.toString());
			}
		} else if (length > 1 || (length === 1 && path[at] !== 0x2e)) {
			names.push(path.subarray(at, end));
		}
		at = end + 1;
	}
	if (path.includes(0)) {
		throw new ArchiveError('unsafePath', path.toString());
	}
	return names;
}
