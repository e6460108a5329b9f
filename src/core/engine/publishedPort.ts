/** A port of a container that the engine's machine listens on for it. */
export interface PublishedPort {
	/** In the container. */
	readonly port: number;
	readonly protocol: 'tcp' | 'udp' | 'sctp' | (string & {});
	readonly hostPort: number;
	/** Undefined: every address of the engine's machine. */
	readonly hostAddress: string | undefined;
}
