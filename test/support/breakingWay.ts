import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** Where a connection ends. */
export interface Breaks {
	/** Bytes that each connection carries from now on before it breaks, or holds still until `set` is called again. */
	readonly after: number;
	readonly how: 'breaks' | 'stalls';
	/** Which bytes are counted; the others pass. */
	readonly of: 'answers' | 'requests';
}

export interface BreakingWay {
	/** `127.0.0.1:41234` */
	readonly host: string;
	/** Undefined: all passes. Requests that were held still are lost. */
	set(breaks: Breaks | undefined): void;
	[Symbol.asyncDispose](): Promise<void>;
}

/** A way to a server, `127.0.0.1:41234` or `unix:///path`, on which connections break or hold still after some bytes. */
export async function startBreakingWay(to: { readonly host: string }): Promise<BreakingWay> {
	const socketPath = /^unix:\/\/(.*)/.exec(to.host)?.[1];
	let breaks: Breaks | undefined;
	const open = new Set<Socket>();
	const held: (() => void)[] = [];
	const counted = (of: Breaks['of'], breakNow: () => void): Transform => {
		let now: Breaks | undefined;
		let left = Number.POSITIVE_INFINITY;
		return new Transform({
			transform(bytes: Buffer, _, done) {
				if (now !== breaks) {
					now = breaks;
					left = now?.of === of ? now.after : Number.POSITIVE_INFINITY;
				}
				const passing = Math.max(0, Math.min(left, bytes.length));
				this.push(bytes.subarray(0, passing));
				left -= bytes.length;
				if (left <= 0 && now?.how === 'breaks') {
					breakNow();
				} else if (left > 0 || of === 'requests') {
					// Requests that hold still are swallowed: of somebody who is not read nobody knows that he hangs up.
					done();
				} else {
					held.push(() => { done(null, bytes.subarray(passing)); });
				}
			},
		});
	};
	const server = createServer(client => {
		const far = socketPath === undefined ? connect(Number(to.host.split(':')[1]), '127.0.0.1') : connect(socketPath);
		const breakNow = (): void => { client.end(() => { client.resetAndDestroy(); }); };
		const answers = counted('answers', breakNow);
		for (const socket of [client, far]) {
			open.add(socket);
			socket.on('error', () => undefined);
			socket.once('close', () => { open.delete(socket); });
		}
		client.once('close', () => { far.destroy(); });
		// What it said before it hung up is still on its way to the client.
		far.once('close', () => { answers.end(); });
		client.pipe(counted('requests', breakNow)).pipe(far);
		far.pipe(answers).pipe(client);
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		set: next => {
			breaks = next;
			held.splice(0).forEach(goOn => { goOn(); });
		},
		[Symbol.asyncDispose]: () => new Promise(resolve => {
			open.forEach(socket => socket.destroy());
			server.close(() => { resolve(); });
		}),
	};
}
