import type { LabFile, LabState } from './cacheLab';
import { baseImage } from './engines';

/** Numbers that are the same for the same seed (mulberry32). */
export function seeded(seed: number): (below: number) => number {
	let state = seed;
	return below => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
	};
}

interface Plan {
	/** Lines of each stage after its first two; the last stage is the target. */
	readonly stages: readonly (readonly string[])[];
	readonly files: Readonly<Record<string, LabFile>>;
	readonly buildArgs: Readonly<Record<string, string>>;
}

/** A Dockerfile with its context, and what became of it by one random change after the other. */
export function randomStates(seed: number, changes: number): readonly LabState[] {
	const random = seeded(seed);
	const plans: Plan[] = [first(random)];
	for (let at = 0; at < changes; at++) {
		// Now and then back to how it was.
		plans.push(random(5) === 0 ? plans[random(plans.length)]! : changed(random, plans.at(-1)!));
	}
	return plans.map(stateOf);
}

function stateOf({ stages, files, buildArgs }: Plan): LabState {
	const lines = stages.flatMap((stage, at) => [`FROM ${baseImage} AS s${at}`, `COPY seed /seed${at}`, 'COPY a.txt /out', ...stage]);
	return { dockerfile: `${lines.join('\n')}\n`, files, options: { buildArgs } };
}

function first(random: (below: number) => number): Plan {
	const count = 1 + random(3);
	return {
		stages: Array.from({ length: count }, (_, stage) => Array.from({ length: 2 + random(3) }, () => line(random, stage))),
		files: { 'a.txt': 'a', 'b.txt': 'b', 'dir/c.txt': 'c', 'dir/sub/d.txt': 'd' },
		buildArgs: {},
	};
}

function line(random: (below: number) => number, stage: number): string {
	const number = random(3);
	const lines = [
		`RUN echo ${number} > /made${number}`, `RUN echo ${number} > /out`, 'COPY a.txt b.txt /both/', `COPY dir /dir${number}`, 'COPY *.txt /texts/', 'COPY . /all',
		`ENV E=${number}`, `ARG V=${number}`, 'COPY b.txt /$V/', `WORKDIR /w${number}`, `LABEL l=${number}`, 'RUN echo $V $E',
		...stage === 0 ? [] : [`COPY --from=s${random(stage)} /out /taken${number}`, `COPY --from=s${random(stage)} /out /taken${number}`],
	];
	return lines[random(lines.length)]!;
}

function changed(random: (below: number) => number, plan: Plan): Plan {
	const stage = random(plan.stages.length);
	const lines = [...plan.stages[stage]!];
	const at = random(lines.length + 1);
	const withLines = (): Plan => ({ ...plan, stages: plan.stages.map((old, index) => index === stage ? lines : old) });
	const names = Object.keys(plan.files);
	const name = names[random(names.length)]!;
	switch (random(9)) {
		case 0:
			lines.splice(at, 0, line(random, stage));
			return withLines();
		case 1:
			lines.splice(at, 1);
			return withLines();
		case 2:
			lines.splice(at, 1, line(random, stage));
			return withLines();
		case 3:
			lines.splice(at, 0, `# ${random(100)}`);
			return withLines();
		case 4:
			lines.reverse();
			return withLines();
		case 5:
			return { ...plan, files: { ...plan.files, [name]: { data: `content ${random(3)}`, mode: random(2) === 0 ? 0o644 : 0o755 } } };
		case 6:
			return { ...plan, files: { ...plan.files, [`dir/new${random(3)}.txt`]: 'new' } };
		case 7:
			return { ...plan, files: Object.fromEntries(Object.entries(plan.files).filter(([path]) => !/^dir\/new/.test(path))) };
		default:
			return { ...plan, buildArgs: { V: String(random(3)) } };
	}
}
