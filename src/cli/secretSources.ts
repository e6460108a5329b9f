import { resolve } from 'node:path';
import type { SecretSource } from '../core/build/secretSource';
import { UsageError } from './command';

/** Secrets as `docker build --secret` is given them: `id=ID,src=FILE` or `id=ID,env=NAME`. */
export function secretSources(written: readonly string[], cwd: string): Readonly<Record<string, SecretSource>> {
	return Object.fromEntries(written.map(one => {
		const fields = new Map(one.split(',').map(field => {
			const equals = field.indexOf('=');
			return [field.slice(0, Math.max(equals, 0)).trim(), field.slice(equals + 1)] as const;
		}));
		const id = fields.get('id');
		const file = fields.get('src') ?? fields.get('source');
		const name = fields.get('env');
		if (!id || (file === undefined) === (name === undefined)) {
			throw new UsageError(`--secret takes id=ID,src=FILE or id=ID,env=NAME, not ${one}`);
		}
		return [id, name === undefined ? { kind: 'file', path: resolve(cwd, file!) } : { kind: 'environment', name }];
	}));
}
