import type { NamedVertex } from '../../../src/core/build/mapSteps';
import type { ResolvedDockerfile, ResolvedInstruction } from '../../../src/core/dockerfile/resolved';

/** The vertices BuildKit makes of a Dockerfile, with the digest that each instruction really became. */
export interface Imagined {
	readonly vertices: readonly NamedVertex[];
	/** By instruction. */
	readonly truth: ReadonlyMap<number, string>;
}

/**
 * BuildKit's numbering, names and deduplication as measured (docs of the engine: dockerfile2llb/convert.go), so that a
 * mapping can be compared with the truth. `style`: how engines number the triggers of a base.
 */
export function imagine(resolved: ResolvedDockerfile, style: '20.10' | '28.5', nameOfTwins: 'first' | 'last' = 'last'): Imagined {
	const vertices = new Map<string, NamedVertex>();
	const truth = new Map<number, string>();
	const ends = new Map<number, string | undefined>();
	const isSingle = resolved.dockerfile.stages.length === 1;
	const emit = (name: string, inputs: readonly string[], what: string): string => {
		const digest = `sha256:${what}(${inputs.join()})`;
		if (!vertices.has(digest) || nameOfTwins === 'last') {
			vertices.set(digest, { digest, inputs, name });
		}
		return digest;
	};
	const context = emit('copy /context /', [], 'context');
	for (const stage of resolved.dockerfile.stages) {
		if (!resolved.needed.has(stage.index)) {
			continue;
		}
		const { base, baseStage, isScratch, triggers } = resolved.stages[stage.index]!;
		const own = stage.instructions.slice(1).map(at => resolved.instructions[at]!);
		const isImage = !isScratch && baseStage === undefined;
		const count = (isImage ? 1 : 0) + own.filter(({ instruction }) => /^(RUN|COPY|ADD|WORKDIR)$/.test(instruction.keyword)).length;
		const all = count + triggers.length;
		let number = 0;
		const prefix = (total: number): string => {
			number++;
			return `[${isSingle ? '' : `${stage.label} `}${String(number).padStart(String(total).length)}/${total}]`;
		};
		let at: string | undefined = baseStage === undefined ? undefined : ends.get(baseStage);
		if (isImage) {
			at = emit(`${prefix(count)} FROM docker.io/library/${base}`, [], `image ${base}`);
			truth.set(stage.instructions[0]!, at);
		}
		const step = (one: ResolvedInstruction, isTrigger: boolean): void => {
			if (!one.layer) {
				return;
			}
			const total = style === '28.5' ? all : count;
			const sources = one.source?.kind === 'stage' ? [ends.get(one.source.stage)] : one.source?.kind === 'context' ? [context] : [];
			const inputs = [at, ...sources].filter(input => input !== undefined);
			at = emit(`${prefix(total)} ${isTrigger && style === '28.5' ? 'ONBUILD ' : ''}${one.text}`, inputs, one.text.replace(/^(COPY|ADD) --\S+ /, '$1 '));
			if (!isTrigger) {
				truth.set(one.instruction.index, at);
			}
		};
		triggers.forEach(trigger => { step(trigger, true); });
		own.forEach(one => { step(one, false); });
		ends.set(stage.index, at);
	}
	return { vertices: [...vertices.values()], truth };
}
