const origins = new WeakMap<object, object>();

/** Notes that a copy says the same as what it was copied from, only in another place of its file. */
export function movedCopy<T extends object>(original: object, copy: T): T {
	origins.set(copy, originOf(original));
	return copy;
}

/** One object for all that say the same in whatever place: what was found of one holds for the others. */
export function originOf(value: object): object {
	return origins.get(value) ?? value;
}
