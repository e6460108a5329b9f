export interface StartedEngine {
	/** Its version, with `-containerd` behind where that is its image store. */
	readonly name: string;
	readonly host: string;
	stop(): Promise<void>;
}

/** What the machine has that keeps an engine of ours from listening on an address of it; undefined: nothing. */
export function whyNoAddress(): string | undefined;

export function startEngine(version: '20.10' | '28.5', options?: {
	readonly containerd?: boolean;
	readonly at?: string;
	readonly hosts?: readonly string[];
	readonly settings?: Readonly<Record<string, unknown>>;
}): Promise<StartedEngine>;
