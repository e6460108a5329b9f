import { createServer, connect, type Server, type Socket } from 'node:net';

/** A way to an engine, at an address of its own, that can be cut and mended: to who uses it, the engine goes away and returns. */
export interface Bridge {
	readonly url: string;
	/** Breaks every connection; new ones are refused. */
	cut(): void;
	/** Lets new connections through again. */
	mend(): Promise<void>;
}

export async function bridgeTo(host: string): Promise<Bridge> {
	const sockets = new Set<Socket>();
	const path = host.replace(/^unix:\/\//, '');
	let server: Server | undefined;
	let port = 0;
	const mend = async (): Promise<void> => {
		server = createServer(socket => {
			const engine = connect(path);
			for (const one of [socket, engine]) {
				sockets.add(one);
				one.on('error', () => undefined);
				one.on('close', () => {
					sockets.delete(one);
					socket.destroy();
					engine.destroy();
				});
			}
			socket.pipe(engine).pipe(socket);
		});
		const opened = server;
		await new Promise<void>(resolve => { opened.listen(port, '127.0.0.1', resolve); });
		const address = opened.address();
		port = typeof address === 'object' && address !== null ? address.port : 0;
	};
	await mend();
	return {
		url: `tcp://127.0.0.1:${port}`,
		cut: () => {
			server?.close();
			sockets.forEach(socket => { socket.destroy(); });
		},
		mend,
	};
}
