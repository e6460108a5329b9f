/** A vertex's name, where it is a step of a stage (BuildKit, frontend/dockerfile/dockerfile2llb, prefixCommand). */
export interface StepName {
	/** The stage's label; undefined where the Dockerfile has a single stage. */
	readonly label: string | undefined;
	/** 1-based among the stage's steps. */
	readonly index: number;
	readonly total: number;
	/** Newer engines mark the triggers of a base. */
	readonly isTrigger: boolean;
	/** The step that puts a `COPY --link` on top of what is below. */
	readonly isLink: boolean;
	readonly keyword: string;
}

const pattern = /^\[(?:\S+\/\S+ )?(?:(\S+) )?\s*(\d+)\/(\d+)\] (ONBUILD )?(LINK )?([A-Z]+)(?: |$)/;

/** Undefined for work that is no instruction: `[internal] load …`, `exporting to image`, the sources of a copy. */
export function readStepName(name: string): StepName | undefined {
	const found = pattern.exec(name);
	return found === null ? undefined : {
		label: found[1], index: Number(found[2]), total: Number(found[3]),
		isTrigger: found[4] !== undefined, isLink: found[5] !== undefined, keyword: found[6] ?? '',
	};
}
