import type { Range } from '../base/range';

/**
 * A Dockerfile as the frontend reads it. Parsing is total: whatever the text, there is a model, and what is wrong
 * with it stands in `problems`.
 */
export interface Dockerfile {
	readonly text: string;
	readonly directives: readonly Directive[];
	readonly escape: '\\' | '`';
	/** In file order, those before the first FROM included. `instructions[i].index === i`. */
	readonly instructions: readonly Instruction[];
	readonly stages: readonly Stage[];
	readonly problems: readonly DockerfileProblem[];
}

/** `# name=value` at the very top (Dockerfile reference, Parser directives). */
export interface Directive {
	readonly name: 'syntax' | 'escape' | 'check';
	readonly value: string;
	readonly range: Range;
}

export type Keyword =
	| 'ADD' | 'ARG' | 'CMD' | 'COPY' | 'ENTRYPOINT' | 'ENV' | 'EXPOSE' | 'FROM' | 'HEALTHCHECK' | 'LABEL'
	| 'MAINTAINER' | 'ONBUILD' | 'RUN' | 'SHELL' | 'STOPSIGNAL' | 'USER' | 'VOLUME' | 'WORKDIR';

export interface Instruction {
	/** Place in `Dockerfile.instructions`. */
	readonly index: number;
	/** Upper case; a word that is no instruction is kept as written in upper case, with a problem. */
	readonly keyword: Keyword | (string & {});
	/** From the keyword to the end of the last line, heredocs included. */
	readonly range: Range;
	/** 1-based first and last line. */
	readonly line: number;
	readonly endLine: number;
	/** Index of the stage this belongs to (FROM belongs to the stage it starts); undefined before the first FROM. */
	readonly stage: number | undefined;
	/**
	 * The instruction on one line: keyword in upper case, one space, then the arguments as the frontend joins them
	 * (continuations joined without a newline, comment lines and blank lines inside dropped, inner spaces kept).
	 * Heredoc bodies are not part of it.
	 */
	readonly text: string;
	readonly flags: readonly Flag[];
	/** What follows keyword and flags, joined as in `text`, trimmed. */
	readonly args: string;
	/** The strings of the JSON (exec) form, where the instruction uses it and it is valid. */
	readonly json: readonly string[] | undefined;
	readonly heredocs: readonly Heredoc[];
	/** ONBUILD's trigger, parsed like an instruction of its own; same index, line and stage as its ONBUILD. */
	readonly trigger: Instruction | undefined;
}

/** `--name=value` or `--name` between keyword and arguments. `value` has its quotes removed and is not expanded. */
export interface Flag {
	readonly name: string;
	readonly value: string | undefined;
	readonly range: Range;
}

export interface Heredoc {
	readonly name: string;
	/** False where the delimiter is quoted: then variables in the body stay as they are. */
	readonly expand: boolean;
	/** `<<-`: leading tabs are dropped; already done in `content`. */
	readonly chomp: boolean;
	/** The body, each line ended by a line feed. */
	readonly content: string;
}

export interface Stage {
	readonly index: number;
	/** The AS name as written. */
	readonly name: string | undefined;
	/** What the engine prints for it: the AS name in lower case, else `stage-<index>`. */
	readonly label: string;
	/** The base as written, before expansion. */
	readonly base: string;
	/** Indices of its instructions, FROM first. */
	readonly instructions: readonly number[];
}

/**
 * What is wrong with a Dockerfile. `kind` is closed; words for it are the surfaces' business. `invalidArguments` is
 * everything the keyword does not take: a pair without `=`, a flag twice or without its value, a trigger of a trigger.
 * `unknownStage` is a `--from` that names a stage which does not come before. Those that depend on the options of a
 * build (`stageCycle`, `unknownStage`, `unknownTarget`, `invalidSubstitution`) stand in `ResolvedDockerfile.problems`.
 */
export interface DockerfileProblem {
	readonly kind:
		| 'empty' | 'noFrom' | 'unknownInstruction' | 'missingArguments' | 'invalidFrom' | 'unknownFlag'
		| 'invalidJson' | 'invalidArguments' | 'unterminatedHeredoc' | 'stageCycle' | 'unknownStage' | 'duplicateStage' | 'invalidDirective' | 'binary'
		| 'unknownTarget' | 'invalidSubstitution';
	readonly range: Range;
	/** The word or name the problem is about. */
	readonly subject: string;
}
