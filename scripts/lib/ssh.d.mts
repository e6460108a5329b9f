export interface SshServer {
	/** From now on `ssh` shows this key; the server does not know the stranger's. */
	use(key: 'own' | 'stranger'): Promise<void>;
	stop(): Promise<void>;
}

export function startSshServer(options: { readonly folder: string; readonly port: number; readonly path: string }): Promise<SshServer>;

export interface SshAgent {
	/** Where it listens. */
	readonly socket: string;
	/** Its one key, as `ssh-add -L` prints it. */
	readonly publicKey: string;
	copyClient(to: string): Promise<void>;
	stop(): Promise<void>;
}

export function startSshAgent(folder: string): Promise<SshAgent>;
