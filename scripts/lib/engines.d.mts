export interface StartedEngine {
	/** Its version, with `-containerd` behind where that is its image store. */
	readonly name: string;
	readonly host: string;
	stop(): Promise<void>;
}

export function startEngine(version: '20.10' | '28.5', options?: { readonly containerd?: boolean; readonly at?: string }): Promise<StartedEngine>;
