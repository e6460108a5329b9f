import type { Variables } from './scope';

/** A look-up that walks further than this is answered from a list of all from then on. */
const longestWalk = 16;

/**
 * Variables with their values at one place of a Dockerfile. Made of those before it with some set anew, and shares what
 * it has with them: a thousand ENVs cost a thousand entries.
 */
export class VariableSet {
	static readonly none = new VariableSet(undefined, {});
	private values: ReadonlyMap<string, string> | undefined;

	private constructor(private readonly before: VariableSet | undefined, private readonly own: Variables) {}

	static of(values: Variables): VariableSet {
		return VariableSet.none.with(values);
	}

	with(set: Variables): VariableSet {
		return Object.keys(set).length === 0 ? this : new VariableSet(this, set);
	}

	get(name: string): string | undefined {
		let found = this.here(name);
		let before = this.values === undefined ? this.before : undefined;
		for (let steps = 0; found === undefined && before !== undefined; steps++) {
			if (steps === longestWalk) {
				return this.flat().get(name);
			}
			found = before.here(name);
			before = before.values === undefined ? before.before : undefined;
		}
		return found;
	}

	/** All of them, in the order in which they were first set. */
	all(): Variables {
		return Object.fromEntries(this.flat());
	}

	private here(name: string): string | undefined {
		return this.values === undefined ? Object.hasOwn(this.own, name) ? this.own[name] : undefined : this.values.get(name);
	}

	private flat(): ReadonlyMap<string, string> {
		if (this.values === undefined) {
			const sets: Variables[] = [this.own];
			let at = this.before;
			while (at !== undefined && at.values === undefined) {
				sets.push(at.own);
				at = at.before;
			}
			const values = new Map(at?.values);
			sets.reverse().forEach(set => { Object.entries(set).forEach(([name, value]) => values.set(name, value)); });
			this.values = values;
		}
		return this.values;
	}
}
