/** What an image says of its containers, or what a container was made with: the same fields (Engine API, `Config`). */
export interface RunConfig {
	readonly env: Readonly<Record<string, string>>;
	/** Empty: root. */
	readonly user: string;
	/** Empty: `/`. */
	readonly workdir: string;
	readonly entrypoint: readonly string[];
	readonly command: readonly string[];
	/** `80/tcp`, sorted. */
	readonly ports: readonly string[];
	readonly volumes: readonly string[];
	readonly labels: Readonly<Record<string, string>>;
	readonly stopSignal: string | undefined;
	readonly shell: readonly string[] | undefined;
	readonly onBuild: readonly string[];
	readonly healthcheck: Healthcheck | undefined;
}

/** Undefined durations and counts: the engine's own. */
export interface Healthcheck {
	/** `NONE`; `CMD` and its words; or `CMD-SHELL` and a script. */
	readonly test: readonly string[];
	readonly intervalMs: number | undefined;
	readonly timeoutMs: number | undefined;
	readonly startPeriodMs: number | undefined;
	readonly retries: number | undefined;
}
