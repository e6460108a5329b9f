import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { Engine, RegistryCredential, TransferMessage } from '../core/engine/engine';
import { RegistryError, registryErrorReason } from '../core/registryError';
import { endTransfer, foldTransfer, noProgress, transferSaving, type TransferProgress, type TransferSaving } from '../core/transfer';
import { imageLayers } from './imageLayers';

export interface TransferRequest {
	readonly kind: 'pull' | 'push';
	/** `repository:tag`, or with a digest for a pull. */
	readonly reference: string;
	/** Undefined: a pull is for the engine's own, a push of all that the image has. */
	readonly platform: string | undefined;
}

/** A pull or push, running or ended. */
export interface Transfer extends TransferRequest {
	readonly id: number;
	readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled';
	readonly progress: TransferProgress;
	/** Known once it succeeded. */
	readonly saving: TransferSaving | undefined;
	readonly imageId: string | undefined;
	readonly failure: unknown;
}

/** Ended ones stay to be looked at; older ones go. */
const mostEnded = 5;

/** A screen follows no more often. Milliseconds. */
const coalesceMs = 100;

/** Pulls and pushes, each with its layers as they come. */
export class Transfers implements Disposable {
	private readonly _onDidChange = new Emitter<Transfer | undefined>();
	/** This one is further; undefined: one came or went. */
	readonly onDidChange: Event<Transfer | undefined> = this._onDidChange.event;
	private current: readonly Transfer[] = [];
	private readonly running = new Map<number, AbortController>();
	private made = 0;
	private told: Transfer | undefined;

	/** Newest first. */
	get all(): readonly Transfer[] {
		return this.current;
	}

	get isRunning(): boolean {
		return this.running.size > 0;
	}

	find(id: number): Transfer | undefined {
		return this.current.find(transfer => transfer.id === id);
	}

	/** Runs it to its end, whatever the end; never throws. */
	async run(engine: Engine, request: TransferRequest, credential: RegistryCredential | undefined): Promise<Transfer> {
		const id = ++this.made;
		const abort = new AbortController();
		this.running.set(id, abort);
		this.current = [{ ...request, id, state: 'running', progress: noProgress, saving: undefined, imageId: undefined, failure: undefined }, ...this.current];
		this._onDidChange.fire(undefined);
		const timer = setInterval(() => { this.tell(id); }, coalesceMs);
		try {
			for await (const message of messagesOf(engine, request, credential, abort.signal)) {
				this.change(id, before => ({ ...before, progress: foldTransfer(before.progress, message) }));
			}
			const { error } = this.find(id)?.progress ?? noProgress;
			if (error !== undefined) {
				throw new RegistryError(registryErrorReason(error), request.reference, error);
			}
			this.change(id, before => ({ ...before, progress: endTransfer(before.progress, true) }));
			const ended = await savingOf(engine, request, this.find(id)?.progress ?? noProgress).catch(() => undefined);
			this.change(id, before => ({ ...before, ...ended, state: 'succeeded' }));
		} catch (failure) {
			this.change(id, before => ({
				...before, progress: endTransfer(before.progress, false),
				...abort.signal.aborted ? { state: 'cancelled' } : { state: 'failed', failure },
			}));
		} finally {
			clearInterval(timer);
			this.running.delete(id);
		}
		const ended = this.find(id)!;
		this.prune();
		this._onDidChange.fire(undefined);
		return ended;
	}

	cancel(id: number): void {
		this.running.get(id)?.abort();
	}

	/** Takes an ended one out of sight. */
	close(id: number): void {
		if (!this.running.has(id)) {
			this.current = this.current.filter(transfer => transfer.id !== id);
			this._onDidChange.fire(undefined);
		}
	}

	dispose(): void {
		this.running.forEach(abort => { abort.abort(); });
		this._onDidChange.dispose();
	}

	private change(id: number, next: (before: Transfer) => Transfer): void {
		this.current = this.current.map(transfer => transfer.id === id ? next(transfer) : transfer);
	}

	private tell(id: number): void {
		const transfer = this.find(id);
		if (transfer !== undefined && transfer !== this.told) {
			this.told = transfer;
			this._onDidChange.fire(transfer);
		}
	}

	private prune(): void {
		const ended = this.current.filter(({ state }) => state !== 'running').slice(mostEnded);
		this.current = this.current.filter(transfer => !ended.includes(transfer));
	}
}

function messagesOf(engine: Engine, { kind, reference, platform }: TransferRequest, credential: RegistryCredential | undefined, signal: AbortSignal): AsyncIterable<TransferMessage> {
	const request = { reference, platform, credential };
	return kind === 'pull' ? engine.pullImage(request, signal) : engine.pushImage(request, signal);
}

async function savingOf(engine: Engine, { kind, reference, platform }: TransferRequest, progress: TransferProgress): Promise<Pick<Transfer, 'saving' | 'imageId'>> {
	const moved = kind === 'push' ? platform : undefined;
	const { id, diffIds } = await engine.image(reference, undefined, moved);
	const answers = { history: (image: string, of?: string) => engine.history(image, undefined, of), details: (image: string, of?: string) => engine.image(image, undefined, of) };
	const { layers } = await imageLayers(answers, id, moved);
	return { imageId: id, saving: transferSaving(kind, progress, diffIds, layers.map(({ bytes }) => bytes)) };
}
