import { enginePlatform, type BuildOptions } from '../core/build/buildOptions';
import type { Dockerfile } from '../core/dockerfile/model';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import type { BaseConfig, ResolvedDockerfile, ResolveOptions } from '../core/dockerfile/resolved';
import type { Builder, Engine, EngineInfo } from '../core/engine/engine';

/** The Dockerfile as this engine will read it: with the configs of those bases that it has. */
export async function resolveForBuild(
	engine: Engine, info: EngineInfo, builder: Builder, options: Pick<BuildOptions, 'target' | 'buildArgs' | 'platform'>, dockerfile: Dockerfile, signal: AbortSignal,
): Promise<ResolvedDockerfile> {
	const platform = enginePlatform(info);
	const asked: ResolveOptions = { builder, target: options.target, buildArgs: options.buildArgs, platform: options.platform ?? platform, buildPlatform: platform };
	const blind = resolveDockerfile(dockerfile, asked);
	const references = new Set(blind.stages.filter(({ index, baseStage, isScratch }) =>
		blind.needed.has(index) && baseStage === undefined && !isScratch).map(({ base }) => base));
	const bases: Record<string, BaseConfig> = {};
	await Promise.all([...references].map(async reference => {
		// A base that is not here will be pulled, or the build fails for it: the engine says so better than we.
		const image = await engine.image(reference, signal).catch(() => undefined);
		if (image !== undefined) {
			bases[reference] = image;
		}
	}));
	return Object.keys(bases).length === 0 ? blind : resolveDockerfile(dockerfile, { ...asked, bases });
}

/** Images a build may have to pull. */
export function imagesOf({ stages, instructions, needed }: ResolvedDockerfile): readonly string[] {
	const bases = stages.filter(({ index, baseStage, isScratch }) => needed.has(index) && baseStage === undefined && !isScratch).map(({ base }) => base);
	const sources = instructions.flatMap(({ source, mounts }) => [source, ...mounts.map(({ from }) => from)]);
	return [...new Set([...bases, ...sources.flatMap(source => source?.kind === 'image' ? [source.reference] : [])])];
}
