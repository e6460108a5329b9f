import type { Instruction } from './model';
import { movedCopy, originOf } from './origin';
import type { ResolvedArg } from './resolveArg';
import type { ResolvedInstruction } from './resolved';
import type { Scope } from './scope';

/** An instruction as it is where this scope holds, and the scope after it. */
export interface Resolution {
	readonly resolved: ResolvedInstruction;
	readonly after: Scope;
}

interface Known extends Resolution {
	readonly scope: Scope;
	/** What an ARG came to: that hangs on more than its scope. */
	readonly arg: ResolvedArg | undefined;
}

/** A Dockerfile is resolved for the build that speaks and for the next one, with different options. */
const mostKnown = 3;

/** By the instruction's origin. */
const resolutions = new WeakMap<object, readonly Known[]>();

/**
 * How this instruction was resolved in this very scope. At a key press nearly all instructions are the same objects as
 * before, or the same in another place; as long as none above them sets anything else, so are the scopes.
 */
export function knownResolution(instruction: Instruction, scope: Scope, arg: ResolvedArg | undefined): Resolution | undefined {
	const others = resolutions.get(originOf(instruction));
	const known = others?.find(one => isSameScope(one.scope, scope) && isSameArg(one.arg, arg));
	if (others === undefined || known === undefined || known.resolved.instruction === instruction) {
		return known;
	}
	const moved = { ...known, resolved: movedCopy(known.resolved, { ...known.resolved, instruction }) };
	resolutions.set(originOf(instruction), others.map(one => one === known ? moved : one));
	return moved;
}

/** For one that read no other stage and had no problems: those have to be found anew. */
export function rememberResolution(instruction: Instruction, known: Known): void {
	if (!readsByName(known)) {
		const origin = originOf(instruction);
		resolutions.set(origin, [known, ...(resolutions.get(origin) ?? []).slice(0, mostKnown - 1)]);
	}
}

/** Which stage or image a name means is for the rest of the file to say. */
export function readsByName({ resolved: { source, mounts } }: Resolution): boolean {
	return (source !== undefined && source.kind !== 'context') || mounts.some(({ from }) => from !== undefined && from.kind !== 'context');
}

export function isSameScope(one: Scope, other: Scope): boolean {
	return one === other || (one.env === other.env && one.args === other.args && one.variables === other.variables
		&& one.workdir === other.workdir && one.user === other.user && one.shell === other.shell);
}

function isSameArg(one: ResolvedArg | undefined, other: ResolvedArg | undefined): boolean {
	return one === other || (one !== undefined && other !== undefined && one.text === other.text
		&& other.errors.length === 0 && sameValues(one.values, other.values) && one.unset.join() === other.unset.join());
}

function sameValues(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
	const names = Object.keys(one);
	return names.length === Object.keys(other).length && names.every(name => Object.hasOwn(other, name) && one[name] === other[name]);
}
