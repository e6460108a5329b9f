import type { ImageBytes } from './build/record';
import type { ResolvedDockerfile, ResolvedInstruction } from './dockerfile/resolved';
import { stageChain } from './image/matchHistory';
import type { LineFacts } from './lineFacts';

/** What the bytes of a final image come from. */
export interface ImageMakeup {
	/** The image that it starts from, as expanded; undefined: from scratch. */
	readonly base: string | undefined;
	/** Undefined where not known. */
	readonly bytes: ImageBytes | undefined;
	/** What its lines add, most bytes first. */
	readonly parts: readonly MakeupPart[];
}

/** Layers of one origin. */
export interface MakeupPart {
	/**
	 * `own`: made by the last stage's own lines, copies from the build context included. `baseStage`: made by the lines of a stage that
	 * it starts from. `stage`, `image`: copied from there by the last stage's `--from`.
	 */
	readonly kind: 'own' | 'baseStage' | 'stage' | 'image';
	/** The stage's name or number, or the image's reference; empty for `own`. */
	readonly name: string;
	/** Sum of the sizes that are known; undefined where none is. */
	readonly bytes: number | undefined;
	/** True where the size of at least one of its lines is not known. */
	readonly partial: boolean;
	/** 1-based. */
	readonly lines: readonly number[];
}

/** The makeup of the image that `resolved.target` gives; undefined where there is none. `lines`: one per instruction. */
export function imageMakeup(resolved: ResolvedDockerfile, lines: readonly Pick<LineFacts, 'line' | 'size'>[], bytes: ImageBytes | undefined): ImageMakeup | undefined {
	const { target, dockerfile, stages, instructions } = resolved;
	if (target === undefined) {
		return undefined;
	}
	const chain = stageChain(resolved, target);
	const { base, isScratch } = stages[chain[0]!]!;
	const parts = new Map<string, { kind: MakeupPart['kind']; name: string; sizes: (number | undefined)[]; lines: number[] }>();
	for (const stage of chain) {
		for (const at of dockerfile.stages[stage]!.instructions.slice(1)) {
			const instruction = instructions[at]!;
			if (!instruction.layer) {
				continue;
			}
			const origin = stage === target ? originOf(instruction, resolved) : { kind: 'baseStage' as const, name: stageName(resolved, stage) };
			const key = `${origin.kind} ${origin.name}`;
			const part = parts.get(key) ?? { ...origin, sizes: [], lines: [] };
			part.sizes.push(lines[at]?.size?.bytes);
			part.lines.push(instruction.instruction.line);
			parts.set(key, part);
		}
	}
	return { base: isScratch ? undefined : base, bytes, parts: [...parts.values()].map(summed).sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1)) };
}

function originOf({ source }: ResolvedInstruction, resolved: ResolvedDockerfile): Pick<MakeupPart, 'kind' | 'name'> {
	switch (source?.kind) {
		case 'stage': return { kind: 'stage', name: stageName(resolved, source.stage) };
		case 'image': return { kind: 'image', name: source.reference };
		default: return { kind: 'own', name: '' };
	}
}

function stageName({ dockerfile }: ResolvedDockerfile, stage: number): string {
	return dockerfile.stages[stage]?.name ?? String(stage);
}

function summed({ kind, name, sizes, lines }: { readonly kind: MakeupPart['kind']; readonly name: string; readonly sizes: readonly (number | undefined)[]; readonly lines: readonly number[] }): MakeupPart {
	const known = sizes.filter(size => size !== undefined);
	return { kind, name, lines, bytes: known.length === 0 ? undefined : known.reduce((sum, size) => sum + size, 0), partial: known.length < sizes.length };
}
