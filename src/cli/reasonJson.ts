import { readReason } from '../core/cache/reason';

/** A reason as the command line's documents have it: what is not known is null, never left out. */
export function reasonJson(reason: unknown): Readonly<Record<string, unknown>> | null {
	const known = readReason(reason);
	if (known === undefined) {
		return null;
	}
	const may = known.kind === 'argumentChanged' || known.kind === 'environmentChanged' ? { before: null, after: null } : known.kind === 'filesChanged' ? { total: null } : {};
	return { kind: known.kind, ...may, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) };
}
