import type { Dockerfile, DockerfileProblem, Instruction } from './model';
import type { VariableSet } from './variableSet';

/** What a build is asked for, as far as it changes what the Dockerfile means. */
export interface ResolveOptions {
	/**
	 * The two builders differ, as measured on engines 20.10 and 28.5. BuildKit (the default): the later of ARG and ENV
	 * wins, a stage inherits the ARGs of the stage it starts from, TARGET* and BUILD* exist, only needed stages are built.
	 * Classic: ENV wins, ARGs end with their stage, no TARGET* and BUILD*, every stage up to the target is built.
	 */
	readonly builder?: 'buildkit' | 'classic' | undefined;
	/** A stage's name, in any case. Engines refuse an index here, and a stage without a name. */
	readonly target?: string | undefined;
	readonly buildArgs?: Readonly<Record<string, string>> | undefined;
	/** `os/arch[/variant]`, for the predefined TARGET* and BUILD* arguments; unknown values expand to nothing known. */
	readonly platform?: string | undefined;
	readonly buildPlatform?: string | undefined;
	/** ONBUILD triggers and environment of a base, where the engine has the image. Key: the expanded base reference. */
	readonly bases?: Readonly<Record<string, BaseConfig>> | undefined;
}

/** What a base image brings into a stage (OCI image config). */
export interface BaseConfig {
	readonly env: Readonly<Record<string, string>>;
	readonly workdir: string;
	readonly user: string;
	readonly shell: readonly string[] | undefined;
	readonly onBuild: readonly string[];
}

/** A Dockerfile with variables expanded and its stage graph drawn, for one set of options. */
export interface ResolvedDockerfile {
	readonly dockerfile: Dockerfile;
	readonly stages: readonly ResolvedStage[];
	/** One per `dockerfile.instructions`, same order. */
	readonly instructions: readonly ResolvedInstruction[];
	/** The stage the build produces; undefined where there is no stage, or the target does not exist. */
	readonly target: number | undefined;
	/** Stages the target needs, itself included. A stage outside is skipped by BuildKit. */
	readonly needed: ReadonlySet<number>;
	/** What is wrong only with these options; the Dockerfile's own problems stand in `dockerfile.problems`. */
	readonly problems: readonly DockerfileProblem[];
}

export interface ResolvedStage {
	readonly index: number;
	/** The base with variables expanded. */
	readonly base: string;
	readonly baseStage: number | undefined;
	readonly isScratch: boolean;
	/** False where the environment may hold what only the base image knows (no `bases` entry for it or its base stage's). */
	readonly isBaseKnown: boolean;
	/** ONBUILD triggers of the base, which run right after FROM. Their index, line and range are those of the FROM. */
	readonly triggers: readonly ResolvedInstruction[];
	/** Stages this one reads from: FROM, COPY --from, RUN --mount=from, triggers' too. Always earlier ones. */
	readonly dependsOn: readonly number[];
	readonly platform: string | undefined;
}

export interface ResolvedInstruction {
	readonly instruction: Instruction;
	/** `text` with variables expanded as the frontend does for this instruction; RUN, CMD, ENTRYPOINT stay as written. */
	readonly text: string;
	/** The arguments, split into words and expanded, for COPY, ADD, WORKDIR, USER, EXPOSE, VOLUME, STOPSIGNAL. */
	readonly words: readonly string[];
	/** Flags with values expanded where the frontend does; a switch without a value is `true`. */
	readonly flags: Readonly<Record<string, readonly string[]>>;
	/** Bodies of heredocs as they are used: expanded for COPY and ADD unless the delimiter is quoted, as written for RUN. */
	readonly heredocs: readonly string[];
	/** True where it makes a step over files: RUN, COPY, ADD, and WORKDIR unless it resolves to `/`. */
	readonly layer: boolean;
	/** ENV in force before this instruction, base image's included where known. */
	readonly env: VariableSet;
	/** ARGs declared and having a value before this instruction, those an ENV of the same name hides included. */
	readonly args: VariableSet;
	/** What `$name` means here: `env` and `args` together, by the builder's rule where both have the name. */
	readonly variables: VariableSet;
	/** The variables that it gives values to, if it is an ENV or ARG: what those after it find. */
	readonly sets: Readonly<Record<string, string>>;
	readonly workdir: string;
	readonly user: string;
	readonly shell: readonly string[];
	/** For COPY/ADD: where the sources are (an ADD's URLs stand in `words`); undefined where --from names no earlier stage. */
	readonly source: CopySource | undefined;
	/** For RUN: each --mount, parsed. */
	readonly mounts: readonly Mount[];
	/** Names of variables used in it that have no value here. They may have one in the base where `isBaseKnown` is false. */
	readonly unset: readonly string[];
}

export type CopySource =
	| { readonly kind: 'context' }
	| { readonly kind: 'stage'; readonly stage: number }
	| { readonly kind: 'image'; readonly reference: string };

export interface Mount {
	readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
	/** Absolute for bind, cache and tmpfs. */
	readonly target: string | undefined;
	readonly source: string | undefined;
	/** Undefined where the mount reads from nowhere (cache without `from`, tmpfs, secret, ssh) or from no earlier stage. */
	readonly from: CopySource | undefined;
	/** Every option under its name in lower case, values expanded (`true` for an option without one), sorted by name. */
	readonly options: Readonly<Record<string, string>>;
}
