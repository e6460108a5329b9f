import { credentialsFor, registryName, type CredentialWorld } from '../core/engine/credentials';
import type { RegistryCredential } from '../core/engine/engine';
import { recordOf, someTextOf } from '../core/engine/records/wire';
import { parseReference } from '../core/image/reference';

/** A place for secrets; the shape of `vscode.SecretStorage`. */
export interface SecretStore {
	get(key: string): PromiseLike<string | undefined>;
	store(key: string, value: string): PromiseLike<void>;
	delete(key: string): PromiseLike<void>;
}

/**
 * What a person shows to registries: what they entered here, kept nowhere but among the editor's secrets, else what the
 * CLI's config and its helpers have. Nothing of it is ever logged.
 */
export class RegistryAccess {
	constructor(private readonly secrets: SecretStore, private readonly world: CredentialWorld) {}

	/** For the registry of a reference. Undefined: there is none, its images may be public. */
	async credential(reference: string): Promise<RegistryCredential | undefined> {
		const registry = registryOf(reference);
		const own = (await this.kept())[registry];
		return own === undefined ? (await credentialsFor([registry], this.world))[registry] : { ...own, identityToken: undefined };
	}

	/** Keeps what a registry accepted. */
	async keep(reference: string, { username, password }: RegistryCredential): Promise<void> {
		await this.write({ ...await this.kept(), [registryOf(reference)]: { username, password } });
	}

	/** Registries that something is kept for. */
	async registries(): Promise<readonly string[]> {
		return Object.keys(await this.kept()).sort();
	}

	async forget(registry: string): Promise<void> {
		await this.write(Object.fromEntries(Object.entries(await this.kept()).filter(([other]) => other !== registry)));
	}

	private async kept(): Promise<Readonly<Record<string, Kept>>> {
		let read: unknown;
		try {
			read = JSON.parse(await this.secrets.get(secretKey) ?? '{}');
		} catch {
			// What cannot be read is not used; its words could hold a password, so they go nowhere.
		}
		return Object.fromEntries(Object.entries(recordOf(read)).flatMap(([registry, value]) => {
			const { username, password } = recordOf(value);
			const [name, secret] = [someTextOf(username), someTextOf(password)];
			return name === undefined || secret === undefined ? [] : [[registry, { username: name, password: secret }]];
		}));
	}

	private async write(kept: Readonly<Record<string, Kept>>): Promise<void> {
		await (Object.keys(kept).length === 0 ? this.secrets.delete(secretKey) : this.secrets.store(secretKey, JSON.stringify(kept)));
	}
}

interface Kept { readonly username: string; readonly password: string }

const secretKey = 'strata.registries';

/** The registry of a reference, as credentials are kept for it. */
export function registryOf(reference: string): string {
	return registryName(parseReference(reference)?.domain ?? 'docker.io');
}
