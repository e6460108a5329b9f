export interface SshServer {
	/** From now on `ssh` shows this key; the server does not know the stranger's. */
	use(key: 'own' | 'stranger'): Promise<void>;
	stop(): Promise<void>;
}

export function startSshServer(options: { readonly folder: string; readonly port: number; readonly path: string }): Promise<SshServer>;
