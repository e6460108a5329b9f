import { createHmac } from 'node:crypto';

const secretWord = /pass(?:wd|word|phrase)|token|secret|credential|(?:^|[_-])(?:pass|pwd|auth|key|keys|cert|pat)(?:$|[_-])|(?:api|access|private|signing|encryption|ssh)key/i;

/** Whether a variable of this name is likely to hold a secret: TOKEN, DB_PASSWORD, API_KEY, awsSecret, … */
export function isSecretName(name: string): boolean {
	return secretWord.test(name) || /[a-z]Key(?:$|[A-Z])/.test(name);
}

/**
 * Shorter values are hashed where they stand alone, but not searched for in texts: they would be found in half the words.
 */
const shortestSearched = 3;

/**
 * Takes secret values out of what is stored. The same value gives the same `hmac:…` on one installation, so a change
 * still shows; without the key nobody can try values against it.
 */
export class Redactor {
	private readonly secrets: string[] = [];
	/** A long Dockerfile asks for the same few names thousands of times. */
	private readonly names = new Map<string, boolean>();

	constructor(private readonly key: string | Uint8Array) {}

	/** Makes a value known that must not be stored. */
	learn(name: string, value: string | undefined): void {
		if (value !== undefined && value.length >= shortestSearched && this.isSecret(name) && !this.secrets.includes(value)) {
			this.secrets.push(value);
			// The longest first, so that a secret within another does not break it up.
			this.secrets.sort((a, b) => b.length - a.length);
		}
	}

	/** Whether it takes the same out of what is stored. */
	isLike(other: Redactor): boolean {
		return this.key === other.key && this.secrets.length === other.secrets.length && this.secrets.every((secret, at) => secret === other.secrets[at]);
	}

	/** A variable's value: hashed if its name looks secret, else without the secrets it was made of. */
	value(name: string, value: string): string {
		return this.isSecret(name) ? this.hash(value) : this.text(value);
	}

	/** A text, known secrets in it replaced. */
	text(text: string): string {
		return this.secrets.length === 0 ? text : this.secrets.reduce((result, secret) => result.includes(secret) ? result.replaceAll(secret, this.hash(secret)) : result, text);
	}

	/** A value as JSON, known secrets in its texts replaced: within JSON one with a quote or a line feed would not be found. */
	json(value: unknown): string {
		return this.secrets.length === 0 ? JSON.stringify(value) : JSON.stringify(value, (_, part: unknown) => typeof part === 'string' ? this.text(part) : part);
	}

	private isSecret(name: string): boolean {
		const known = this.names.get(name) ?? isSecretName(name);
		this.names.set(name, known);
		return known;
	}

	private hash(value: string): string {
		return `hmac:${createHmac('sha256', this.key).update(value).digest('hex').slice(0, 32)}`;
	}
}

/** Build arguments as they may be stored. */
export function redactArguments(values: Readonly<Record<string, string>>, key: string | Uint8Array): Readonly<Record<string, string>> {
	const redactor = new Redactor(key);
	const pairs = Object.entries(values);
	pairs.forEach(([name, value]) => { redactor.learn(name, value); });
	return Object.fromEntries(pairs.map(([name, value]) => [name, redactor.value(name, value)]));
}
