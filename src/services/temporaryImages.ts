import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { BuildOptions } from '../core/build/buildOptions';
import type { Engine, EngineInfo } from '../core/engine/engine';
import { isEngineError } from '../core/engine/engineError';
import type { Build } from './buildRunner';
import { ValueFolder } from './valueFolder';

/** Its value is another one for each build: an image that has it is of that build, or built upon its image. */
const label = 'dev.strata.temporary';
/** Where it cannot be seen whether a window is there, nobody is thought to use an image for longer. Milliseconds. */
const longestUseMs = 24 * 60 * 60 * 1000;
/** Milliseconds in which a window that closes can remove what it uses. */
const farewellMs = 500;

/** The process of a window. */
export interface WindowProcess {
	readonly host: string;
	readonly pid: number;
}

/** A build whose image is still to be removed. */
interface Temporary {
	readonly engineId: string;
	readonly window: WindowProcess;
	/** Milliseconds since 1970. */
	readonly since: number;
	/** What the classic builder made on the way, newest first. */
	readonly steps: readonly string[];
}

/**
 * Images that are built only to be looked at. Each is written down on disk before it is built and until it is removed: the
 * window may be closed in between, or the engine go away. Then it goes when a window next connects to that engine.
 */
export class TemporaryImages {
	private readonly temporary: ValueFolder;
	/** By name, with the engine that has it. */
	private readonly inUse = new Map<string, Engine>();

	constructor(folder: string, private readonly window: WindowProcess = { host: hostname(), pid: process.pid }) {
		this.temporary = new ValueFolder(folder);
	}

	/**
	 * Has an image built with these labels, and removes it when it was looked at, whatever came of it. A container of this
	 * name, which may be made of it, is removed before. Throws as they do.
	 */
	async use<T>(engine: Engine, { id: engineId }: Pick<EngineInfo, 'id'>, build: (labels: BuildOptions['labels']) => Promise<Build>, look: (build: Build, container: string) => Promise<T>): Promise<T> {
		const name = randomUUID();
		const temporary: Temporary = { engineId, window: this.window, since: Date.now(), steps: [] };
		await this.temporary.set(name, temporary);
		this.inUse.set(name, engine);
		try {
			const built = await build({ [label]: name });
			const steps = built.run.steps.filter(({ outcome }) => outcome === 'ran').flatMap(({ imageId }) => imageId ?? []).reverse();
			if (steps.length > 0) {
				await this.temporary.set(name, { ...temporary, steps });
			}
			return await look(built, containerOf(name));
		} finally {
			// What cannot be removed now is removed later.
			await this.remove(engine, name).catch(() => undefined);
			this.inUse.delete(name);
		}
	}

	/** Removes what windows that are gone left in this engine. Throws `EngineError`. */
	async resume(engine: Engine, { id }: Pick<EngineInfo, 'id'>): Promise<void> {
		for (const [name, value] of this.temporary.values()) {
			const temporary = value as Temporary;
			if (temporary.engineId === id && !this.inUse.has(name) && this.isLeft(temporary)) {
				await this.remove(engine, name);
			}
		}
	}

	/** The window closes: removes what is still in use. */
	async end(): Promise<void> {
		const removing = [...this.inUse].map(([name, engine]) => this.remove(engine, name));
		await Promise.race([Promise.allSettled(removing), setTimeout(farewellMs)]);
	}

	/** Of the processes of another machine, which may share the folder, nothing is known. */
	private isLeft({ window: { host, pid }, since }: Temporary): boolean {
		return host === this.window.host ? pid === this.window.pid || !isAlive(pid) : Date.now() - since > longestUseMs;
	}

	/** Leaves what was named or is used by now: it is not temporary any more. */
	private async remove(engine: Engine, name: string): Promise<void> {
		const { steps = [] } = this.temporary.values().get(name) as Temporary | undefined ?? {};
		await engine.removeContainer(containerOf(name), { force: true, volumes: true }).catch(orGone);
		// Podman labels the steps too.
		const labelled = (await engine.allImages()).filter(({ id, labels }) => labels[label] === name && !steps.some(step => isShortFor(step, id))).map(({ id }) => id);
		// Of several, all but one were built upon it.
		for (const id of labelled.length > 1 ? [] : [...labelled, ...steps]) {
			if (!await removeUnused(engine, id)) {
				break;
			}
		}
		await this.temporary.set(name, undefined);
	}
}

/** The classic builder writes the first digits of the ids of its steps. */
function isShortFor(short: string, id: string): boolean {
	return id.replace('sha256:', '').startsWith(short.replace('sha256:', ''));
}

function containerOf(name: string): string {
	return `strata-${name}`;
}

function orGone(failure: unknown): void {
	if (!(isEngineError(failure) && failure.reason === 'notFound')) {
		throw failure;
	}
}

/** False where it was named, or something is built upon it or runs from it. */
async function removeUnused(engine: Engine, id: string): Promise<boolean> {
	try {
		const isNamed = (await engine.image(id)).references.length > 0;
		if (!isNamed) {
			// The classic builder's own images below are its cache.
			await engine.removeImage(id, { keepParents: true });
		}
		return !isNamed;
	} catch (failure) {
		if (isEngineError(failure) && (failure.reason === 'notFound' || failure.reason === 'conflict')) {
			return failure.reason === 'notFound';
		}
		throw failure;
	}
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (failure) {
		// It is somebody else's.
		return (failure as NodeJS.ErrnoException).code === 'EPERM';
	}
}
