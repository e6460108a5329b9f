import type { BuildOptions } from '../core/build/buildOptions';
import type { BuildFailure } from '../core/build/run';
import type { Dockerfile } from '../core/dockerfile/model';
import { parseDockerfile } from '../core/dockerfile/parse';
import type { Engine, EngineInfo } from '../core/engine/engine';
import { bestShell } from '../core/runPlan';
import type { Build, BuildRunner } from './buildRunner';
import { resolveForBuild } from './resolveForBuild';
import type { TemporaryImages } from './temporaryImages';

/** What came of looking into a Dockerfile's image before an instruction. */
export type Looked =
	| { readonly kind: 'looked' }
	| { readonly kind: 'noShell' }
	| { readonly kind: 'failed'; readonly failure: BuildFailure; readonly dockerfile: Dockerfile }
	| { readonly kind: 'cancelled' };

/** The build as it was or would be, but for its text (`textBefore`), of which the last stage is built. */
export interface LookRequest {
	readonly options: BuildOptions;
	readonly text: string;
}

export interface Looking {
	/** Runs the build, so that it can be cancelled. */
	whileBuilding(build: (signal: AbortSignal) => Promise<Build>): Promise<Build>;
	/** Starts the container, which is a shell, and resolves when nobody needs it any more. */
	enter(container: string): Promise<void>;
}

/**
 * Builds what a Dockerfile makes up to an instruction, and has a shell in it entered, with the variables that the
 * instruction would see. Container and image go again, whatever happens. `runner`: keeps no records.
 */
export async function lookBefore(
	{ runner, temporary }: { readonly runner: Pick<BuildRunner, 'build' | 'idle'>; readonly temporary: Pick<TemporaryImages, 'use'> },
	engine: Engine, info: EngineInfo, { options, text }: LookRequest, { whileBuilding, enter }: Looking,
): Promise<Looked> {
	const asked = { ...options, tags: [], target: undefined, noCache: false };
	try {
		return await temporary.use(engine, info, labels => whileBuilding(signal => runner.build(engine, info, { ...asked, labels }, signal, text)), async ({ run, resolved: { dockerfile } }, name): Promise<Looked> => {
			if (run.imageId === undefined) {
				return run.error === undefined || run.state === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', failure: run.error, dockerfile };
			}
			const { instructions } = await resolveForBuild(engine, info, run.builder, asked, parseDockerfile(`${text}RUN true`), new AbortController().signal);
			const { args, variables } = instructions.at(-1)!;
			const container = await engine.createContainer({
				image: run.imageId, name, entrypoint: bestShell, command: undefined, ports: [], volumes: [], interactive: true, removeWhenStopped: false,
				env: Object.fromEntries(Object.keys(args.all()).map(arg => [arg, variables.get(arg) ?? ''])),
				network: options.network === 'default' ? undefined : options.network,
			});
			if (await engine.statInContainer(container, bestShell[0]) === undefined) {
				return { kind: 'noShell' };
			}
			await enter(container);
			return { kind: 'looked' };
		});
	} finally {
		await runner.idle();
	}
}
