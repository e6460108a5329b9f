import type { EngineEvent } from '../core/engine/engine';

/** Whether an image has come, gone, or got another name, or something was taken out of the build cache. */
export function changesCache({ type, action }: EngineEvent): boolean {
	return type === 'builder' ? action === 'prune' : type === 'image' && ['create', 'tag', 'untag', 'pull', 'load', 'import', 'delete'].includes(action);
}
