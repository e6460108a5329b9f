/** The values of each key, both in the order in which they come. */
export function groups<K, V>(pairs: Iterable<readonly [K, V]>): Map<K, V[]> {
	const all = new Map<K, V[]>();
	for (const [key, value] of pairs) {
		const group = all.get(key);
		if (group === undefined) {
			all.set(key, [value]);
		} else {
			group.push(value);
		}
	}
	return all;
}
