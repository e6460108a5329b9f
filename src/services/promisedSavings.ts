import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { KeptValues } from './keptValues';
import type { Build } from './buildRunner';
import type { ImageStore } from './imageStore';

/** What fixes of a Dockerfile promised, and once it was built again what came of it. Bytes. */
export interface Saving {
	readonly promised: number;
	/** Undefined until the next build. */
	readonly measured: number | undefined;
}

interface KeptSaving extends Saving {
	readonly imageId: string;
	/** Of the image before the fixes, as its history adds up. */
	readonly beforeBytes: number;
	readonly measuredImage: string | undefined;
}

/** Promised savings beside measured ones, for each Dockerfile; kept over restarts. */
export class PromisedSavings implements Disposable {
	private readonly _onDidChange = new Emitter<string>();
	/** The Dockerfile's path. */
	readonly onDidChange: Event<string> = this._onDidChange.event;
	private readonly subscription: Disposable;

	constructor(private readonly kept: KeptValues, private readonly images: Pick<ImageStore, 'history'>, onDidChangeBuild: Event<Build>) {
		this.subscription = onDidChangeBuild(({ options: { dockerfilePath }, record }) => {
			if (record?.imageId !== undefined && record.state === 'succeeded') {
				void this.measure(dockerfilePath, record.imageId).catch(() => undefined);
			}
		});
	}

	of(path: string): Saving | undefined {
		return this.read(path);
	}

	/** A fix was applied to a Dockerfile whose last image is this one. Throws `EngineError`. */
	async promise(path: string, imageId: string, bytes: number): Promise<void> {
		const known = this.read(path);
		const isSame = known !== undefined && known.measured === undefined && known.imageId === imageId;
		await this.write(path, {
			promised: bytes + (isSame ? known.promised : 0),
			measured: undefined, measuredImage: undefined, imageId,
			beforeBytes: isSame ? known.beforeBytes : await this.bytesOf(imageId),
		});
	}

	dispose(): void {
		this.subscription.dispose();
		this._onDidChange.dispose();
	}

	private async measure(path: string, imageId: string): Promise<void> {
		const known = this.read(path);
		if (known === undefined || known.imageId === imageId || known.measuredImage === imageId) {
			return;
		}
		// Another build after that is about other edits.
		await this.write(path, known.measured !== undefined ? undefined
			: { ...known, measured: known.beforeBytes - await this.bytesOf(imageId), measuredImage: imageId });
	}

	private async bytesOf(imageId: string): Promise<number> {
		return (await this.images.history(imageId)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
	}

	private read(path: string): KeptSaving | undefined {
		const value = this.kept.get(keyOf(path));
		return typeof value === 'object' && value !== null ? value as KeptSaving : undefined;
	}

	private async write(path: string, saving: KeptSaving | undefined): Promise<void> {
		await this.kept.update(keyOf(path), saving);
		this._onDidChange.fire(path);
	}
}

function keyOf(path: string): string {
	return `savings:${path}`;
}
