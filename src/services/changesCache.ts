import type { Builder, EngineEvent } from '../core/engine/engine';

/**
 * Whether an image has come, gone, or got another name, or something was taken out of the build cache. Of a build by the classic builder
 * without a tag nothing is told but that the containers of its RUNs go.
 */
export function changesCache({ type, action }: EngineEvent, builder: Builder): boolean {
	return (builder === 'classic' && type === 'container' && action === 'destroy')
		|| (type === 'builder' ? action === 'prune' : type === 'image' && ['create', 'tag', 'untag', 'pull', 'load', 'import', 'delete'].includes(action));
}
