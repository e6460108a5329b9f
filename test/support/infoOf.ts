import type { Engine, EngineInfo } from '../../src/core/engine/engine';

const known = new WeakMap<Engine, Promise<EngineInfo>>();

/** What an engine says of itself, asked once: it stays the same, and an engine starts three processes to say it. */
export function infoOf(engine: Engine): Promise<EngineInfo> {
	const info = known.get(engine) ?? engine.info();
	known.set(engine, info);
	info.catch(() => { known.delete(engine); });
	return info;
}
