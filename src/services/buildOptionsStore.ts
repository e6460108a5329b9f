import type { Builder } from '../core/engine/engine';

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
	/** Tags that the person said may be moved here from an image that is not of this Dockerfile. */
	readonly ownTags?: readonly string[];
}

/** Where choices are kept; the shape of `vscode.Memento`. */
export interface KeptValues {
	get(key: string): unknown;
	update(key: string, value: unknown): PromiseLike<void>;
}

/** Choices for builds, remembered for each Dockerfile. */
export class BuildOptionsStore {
	/** Values of secret-looking arguments, which are never written down: known until the editor closes. */
	private readonly secrets = new Map<string, Readonly<Record<string, string>>>();

	constructor(
		private readonly kept: KeptValues,
		private readonly looksSecret: (argumentName: string) => boolean,
	) {}

	get(dockerfilePath: string): BuildChoices {
		const value = this.kept.get(keyOf(dockerfilePath));
		const choices = typeof value === 'object' && value !== null ? value as BuildChoices : {};
		const secrets = this.secrets.get(dockerfilePath);
		return secrets === undefined ? choices : { ...choices, buildArgs: { ...choices.buildArgs, ...secrets } };
	}

	/** Changes what is named and leaves the rest; undefined takes a choice back. */
	async change(dockerfilePath: string, choices: BuildChoices): Promise<void> {
		const next = { ...this.get(dockerfilePath), ...choices };
		const args = Object.entries(next.buildArgs ?? {});
		this.secrets.set(dockerfilePath, Object.fromEntries(args.filter(([name]) => this.looksSecret(name))));
		const written = { ...next, buildArgs: Object.fromEntries(args.filter(([name]) => !this.looksSecret(name))) };
		const chosen = Object.entries(written).filter(([, value]) => value !== undefined);
		await this.kept.update(keyOf(dockerfilePath), Object.fromEntries(chosen));
	}
}

function keyOf(dockerfilePath: string): string {
	return `build.options:${dockerfilePath}`;
}
