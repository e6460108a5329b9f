import type { Dockerfile, Instruction } from './model';

/** What a build is asked for, as far as it changes what the Dockerfile means. */
export interface ResolveOptions {
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
}

export interface ResolvedStage {
	readonly index: number;
	/** The base with variables expanded. */
	readonly base: string;
	readonly baseStage: number | undefined;
	readonly isScratch: boolean;
	/** Stages this one reads from: FROM, COPY --from, RUN --mount=from. */
	readonly dependsOn: readonly number[];
	readonly platform: string | undefined;
}

export interface ResolvedInstruction {
	readonly instruction: Instruction;
	/** `text` with variables expanded as the frontend does for this instruction; RUN, CMD, ENTRYPOINT stay as written. */
	readonly text: string;
	/** The arguments, split into words and expanded, for COPY, ADD, WORKDIR, USER, EXPOSE, VOLUME, STOPSIGNAL. */
	readonly words: readonly string[];
	/** Flags with values expanded. */
	readonly flags: Readonly<Record<string, readonly string[]>>;
	/** ENV in force before this instruction, base image's included where known. */
	readonly env: Readonly<Record<string, string>>;
	/** ARGs declared and having a value before this instruction (not shadowed ones removed: ENV wins at expansion). */
	readonly args: Readonly<Record<string, string>>;
	readonly workdir: string;
	readonly user: string;
	readonly shell: readonly string[];
	/** For COPY/ADD: where the sources are. */
	readonly source: CopySource | undefined;
	/** For RUN: each --mount, parsed. */
	readonly mounts: readonly Mount[];
	/** Names of variables used in it that have no value. */
	readonly unset: readonly string[];
}

export type CopySource =
	| { readonly kind: 'context' }
	| { readonly kind: 'stage'; readonly stage: number }
	| { readonly kind: 'image'; readonly reference: string };

export interface Mount {
	readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
	readonly target: string | undefined;
	readonly source: string | undefined;
	readonly from: CopySource | undefined;
	/** Every option as written, sorted by name. */
	readonly options: Readonly<Record<string, string>>;
}
