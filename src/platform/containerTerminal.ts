import * as vscode from 'vscode';
import { TerminalFilter } from '../core/base/terminalText';
import type { ProcessConnection } from '../core/engine/containerCalls';
import { explainFailure, translate } from './messages';
import { describeExit } from '../words/containers';

/** What a container writes, in a terminal that is only read: its escape sequences can do no more than colour. */
export function showOutput(name: string, read: (signal: AbortSignal) => AsyncIterable<Buffer>): void {
	const written = new vscode.EventEmitter<string>();
	const stop = new AbortController();
	const filter = new TerminalFilter();
	const follow = async (): Promise<void> => {
		try {
			for await (const chunk of read(stop.signal)) {
				written.fire(filter.push(chunk));
			}
			written.fire(`${filter.end()}\r\n${dim(vscode.l10n.t('The container has ended.'))}\r\n`);
		} catch (failure) {
			if (!stop.signal.aborted) {
				written.fire(`\r\n${dim(explainFailure(failure).message)}\r\n`);
			}
		}
	};
	vscode.window.createTerminal({
		name, iconPath: new vscode.ThemeIcon('output'), isTransient: true,
		pty: {
			onDidWrite: written.event,
			open: () => {
				written.fire(hideCursor);
				void follow();
			},
			close: () => {
				stop.abort();
				written.dispose();
			},
		},
	}).show();
}

export interface ProcessTerminal {
	readonly name: string;
	/** Connects once the terminal is there to show what comes. */
	connect(signal: AbortSignal): Promise<ProcessConnection>;
	/** Once connected, with a terminal of the right size; for what has to be started then. */
	started?(): Promise<void>;
	/** Said before all that the process writes. */
	readonly note?: string;
}

/** A process in a container that somebody types to: bytes both ways, as in any terminal. Closing it ends the connection. Resolves when that has ended. */
export function showProcess({ name, connect, started, note }: ProcessTerminal): Promise<void> {
	let end = (): void => undefined;
	const ended = new Promise<void>(resolve => { end = resolve; });
	const written = new vscode.EventEmitter<string>();
	const closed = new vscode.EventEmitter<number>();
	const stop = new AbortController();
	const decoder = new TextDecoder();
	let connection: ProcessConnection | undefined;
	let size: vscode.TerminalDimensions | undefined;
	// The engine refuses sizes of what does not run yet, or no longer: the next change tells it again.
	const resize = (): void => { void (size && connection?.resize(size.columns, size.rows).catch(() => undefined)); };
	const run = async (): Promise<void> => {
		try {
			if (note !== undefined) {
				written.fire(`${dim(note)}\r\n`);
			}
			connection = await connect(stop.signal);
			await started?.();
			resize();
			for await (const chunk of connection.stream as AsyncIterable<Buffer>) {
				written.fire(decoder.decode(chunk, { stream: true }));
			}
			const code = await connection.exitCode().catch(() => undefined);
			written.fire(`\r\n${dim(describeExit(code, translate))}\r\n`);
		} catch (failure) {
			if (!stop.signal.aborted) {
				written.fire(`\r\n${dim(explainFailure(failure).message)}\r\n`);
			}
		} finally {
			connection?.stream.destroy();
			connection = undefined;
			end();
		}
	};
	vscode.window.createTerminal({
		name, iconPath: new vscode.ThemeIcon('vm'), isTransient: true,
		pty: {
			onDidWrite: written.event,
			onDidClose: closed.event,
			open: (dimensions: vscode.TerminalDimensions | undefined) => {
				size = dimensions;
				void run();
			},
			close: () => {
				stop.abort();
				connection?.stream.destroy();
				written.dispose();
				closed.dispose();
			},
			handleInput: (data: string) => {
				if (connection !== undefined) {
					connection.stream.write(data);
				} else if (data === '\r' || data === '\x03') {
					// What is over goes by a key, as terminals do.
					closed.fire(0);
				}
			},
			setDimensions: (dimensions: vscode.TerminalDimensions) => {
				size = dimensions;
				resize();
			},
		},
	}).show();
	return ended;
}

function dim(text: string): string {
	return `\x1b[2m${text}\x1b[0m`;
}

const hideCursor = '\x1b[?25l';
