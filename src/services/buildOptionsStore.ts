import { join } from 'node:path';
import type { SecretSource } from '../core/build/secretSource';
import type { Builder } from '../core/engine/engine';
import { ValueFolder } from './valueFolder';
import { fileNameOf } from './wholeFile';

/** What a person chose for the builds of one Dockerfile. What is undefined was not chosen and follows the defaults. */
export interface BuildChoices {
	readonly tags?: readonly string[];
	readonly target?: string;
	readonly buildArgs?: Readonly<Record<string, string>>;
	readonly pull?: boolean;
	readonly platform?: string;
	readonly network?: 'default' | 'none' | 'host';
	readonly builder?: Builder;
	readonly contextPath?: string;
	/** Where secrets come from; what they hold is never kept. */
	readonly secrets?: Readonly<Record<string, SecretSource>>;
	/** Undefined: not asked yet. */
	readonly sshAgent?: boolean;
	/** Tags that the person said may be moved here from an image that is not of this Dockerfile. */
	readonly ownTags?: readonly string[];
}

/** Choices for builds, remembered for each Dockerfile; each is kept on its own, so that two windows may change different ones. */
export class BuildOptionsStore {
	private readonly folders = new Map<string, ValueFolder>();
	/** Values of secret-looking arguments, which are never written down: known until the editor closes. */
	private readonly secrets = new Map<string, Readonly<Record<string, string>>>();

	constructor(
		/** Made when first written to. */
		private readonly folder: string,
		private readonly looksSecret: (argumentName: string) => boolean,
	) {}

	get(dockerfilePath: string): BuildChoices {
		const choices = Object.fromEntries(this.folderOf(dockerfilePath).values()) as BuildChoices;
		const secrets = this.secrets.get(dockerfilePath);
		return secrets === undefined ? choices : { ...choices, buildArgs: { ...choices.buildArgs, ...secrets } };
	}

	/** Changes what is named and leaves the rest; undefined takes a choice back. */
	async change(dockerfilePath: string, choices: BuildChoices): Promise<void> {
		const kept = this.folderOf(dockerfilePath);
		const args = Object.entries(choices.buildArgs ?? {});
		if ('buildArgs' in choices) {
			this.secrets.set(dockerfilePath, Object.fromEntries(args.filter(([name]) => this.looksSecret(name))));
		}
		const written = 'buildArgs' in choices && choices.buildArgs !== undefined
			? { ...choices, buildArgs: Object.fromEntries(args.filter(([name]) => !this.looksSecret(name))) } : choices;
		await Promise.all(names.filter(name => name in written).map(name => kept.set(name, written[name])));
	}

	private folderOf(dockerfilePath: string): ValueFolder {
		const folder = this.folders.get(dockerfilePath) ?? new ValueFolder(join(this.folder, fileNameOf(dockerfilePath)));
		this.folders.set(dockerfilePath, folder);
		return folder;
	}
}

const names = Object.keys({
	tags: true, target: true, buildArgs: true, pull: true, platform: true, network: true, builder: true, contextPath: true, secrets: true, sshAgent: true, ownTags: true,
} satisfies Record<keyof BuildChoices, true>) as readonly (keyof BuildChoices)[];
