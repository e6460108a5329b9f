import { posix } from 'node:path';
import type { Mount, ResolvedDockerfile, ResolvedInstruction } from './resolved';

/** What the RUNs of a build want to use of the machine that builds, while they run. BuildKit only. */
export interface RunWants {
	/** Of each id the first line that mounts it, in file order. */
	readonly secrets: readonly WantedSecret[];
	/** The first line that mounts the SSH agent. */
	readonly sshLine: number | undefined;
}

export interface WantedSecret {
	readonly id: string;
	/** 1-based. */
	readonly line: number;
	/** False: without it the line runs all the same, and finds no file. */
	readonly isRequired: boolean;
}

/** `RUN --mount=type=secret` and `type=ssh` of the stages that the target needs, triggers of bases included. */
export function runWants({ instructions, stages, needed }: ResolvedDockerfile): RunWants {
	const running = instructions
		.filter(({ instruction: { stage } }) => stage !== undefined && needed.has(stage))
		.flatMap(one => one.instruction.keyword === 'FROM' ? [one, ...stages[one.instruction.stage!]!.triggers] : [one]);
	const mounted = (type: Mount['type']): readonly { readonly mount: Mount; readonly line: number }[] =>
		running.flatMap(({ mounts, instruction: { line } }: ResolvedInstruction) => mounts.filter(mount => mount.type === type).map(mount => ({ mount, line })));
	const secrets = new Map<string, WantedSecret>();
	for (const { mount, line } of mounted('secret')) {
		const id = secretId(mount);
		if (id !== undefined) {
			const earlier = secrets.get(id);
			secrets.set(id, { id, line: earlier?.line ?? line, isRequired: earlier?.isRequired === true || isOn(mount.options['required']) });
		}
	}
	return { secrets: [...secrets.values()], sshLine: mounted('ssh')[0]?.line };
}

/** BuildKit dockerfile2llb/convert_runmount.go, `dispatchSecret`; undefined where it refuses the mount. */
function secretId({ source, target, options }: Mount): string | undefined {
	return source || options['id'] || (target && posix.basename(target)) || undefined;
}

function isOn(value: string | undefined): boolean {
	return value !== undefined && /^(?:1|t|true)$/i.test(value);
}
