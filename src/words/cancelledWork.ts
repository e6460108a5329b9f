import type { BuildRun } from '../core/build/run';
import type { Dockerfile } from '../core/dockerfile/model';
import { oneLine, shorten } from './rows';
import type { Translate } from './translate';

/** What a cancelled build leaves running in its engine; undefined where that ended with it. */
export function cancelledWork({ runsOn }: Pick<BuildRun, 'runsOn'>, dockerfile: Dockerfile, t: Translate): string | undefined {
	const instruction = runsOn === undefined ? undefined : dockerfile.instructions[runsOn];
	return instruction && t('Podman does not end a RUN that was cancelled: line {0} runs on in the engine until it ends by itself: {1}', instruction.line, shorten(oneLine(instruction.text), 80));
}
