import type { Lookup } from './expand';
import type { Mount } from './resolved';
import { resolveWorkdir } from './scope';

/** A mount before its `from` is looked up among the stages. */
export interface WrittenMount {
	readonly type: Mount['type'];
	readonly target: string | undefined;
	readonly source: string | undefined;
	readonly from: string | undefined;
	readonly options: Readonly<Record<string, string>>;
}

/**
 * Reads the value of `RUN --mount` (BuildKit instructions/commands_runmount.go). Undefined where the type is none that
 * exists. `expandValue` expands every value but `from`, which takes no variables.
 */
export function readMount(value: string, workdir: string, expandValue: (value: string) => string): WrittenMount | undefined {
	const options = new Map<string, string>();
	for (const field of csvFields(value)) {
		const equals = field.indexOf('=');
		const name = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
		const written = equals < 0 ? 'true' : field.slice(equals + 1);
		options.set(name, name === 'from' ? written : expandValue(written));
	}
	const type = (options.get('type') ?? 'bind').toLowerCase();
	if (type !== 'bind' && type !== 'cache' && type !== 'tmpfs' && type !== 'secret' && type !== 'ssh') {
		return undefined;
	}
	const target = first(name => options.get(name), ['target', 'dst', 'destination']);
	return {
		type,
		target: target === undefined || type === 'secret' || type === 'ssh' ? target : resolveWorkdir(workdir, target),
		source: first(name => options.get(name), ['source', 'src']),
		from: options.get('from'),
		options: Object.fromEntries([...options].sort(([a], [b]) => a < b ? -1 : 1)),
	};
}

function first(lookup: Lookup, names: readonly string[]): string | undefined {
	return names.map(lookup).find(value => value !== undefined);
}

/** One record of comma-separated values; a field in double quotes may hold commas, `""` in it is a quote. */
function csvFields(record: string): readonly string[] {
	const fields: string[] = [];
	let field = '';
	let isQuoted = false;
	for (let at = 0; at < record.length; at++) {
		const character = record[at]!;
		if (character === '"' && isQuoted && record[at + 1] === '"') {
			field += character;
			at++;
		} else if (character === '"' && (isQuoted || field === '')) {
			isQuoted = !isQuoted;
		} else if (character === ',' && !isQuoted) {
			fields.push(field);
			field = '';
		} else {
			field += character;
		}
	}
	return [...fields, field].filter(item => item !== '');
}
