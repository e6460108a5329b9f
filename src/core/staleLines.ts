import type { Alignment } from './alignInstructions';
import { argNames } from './dockerfile/nameValue';
import { layerKind } from './dockerfile/keyword';
import type { Instruction } from './dockerfile/model';
import type { CopySource, ResolvedDockerfile, ResolvedInstruction } from './dockerfile/resolved';
import type { Builder } from './engine/engine';
import type { LineFacts } from './lineFacts';

/** What an edit above changed for the instructions that follow in a stage, and for stages that start from it. */
interface Taint {
	/** Files: everything later that makes a layer builds upon them. */
	layers: boolean;
	/** The environment of commands (ENV, ARG, SHELL, USER): every later RUN. */
	runs: boolean;
	/** ONBUILD: whatever a stage that starts from here makes. */
	triggers: boolean;
}

/**
 * Which instructions of an edited Dockerfile are not what was built. `changed`: the instruction itself.
 * `dependsOnChanged`: one that builds upon a change, within its stage, through FROM, or through the files it takes from
 * another stage. BuildKit: of the instructions that only change the config, ENV, ARG, SHELL and USER
 * reach later RUNs and whatever uses a variable, the others nothing; classic: every change reaches everything below it.
 */
export function staleLines(resolved: ResolvedDockerfile, alignment: Alignment, builder: Builder): readonly LineFacts['stale'][] {
	const { dockerfile } = resolved;
	const stale = new Array<LineFacts['stale']>(dockerfile.instructions.length).fill(undefined);
	const changedHere = (at: number): boolean => alignment.instructions[at]?.same === false;
	const globals = new Set<string>();
	for (const { index, args, stage } of dockerfile.instructions) {
		if (stage === undefined && changedHere(index)) {
			stale[index] = 'changed';
			namesOf(args).forEach(name => globals.add(name));
		}
	}
	const usesGlobal = (text: string): boolean => [...globals].some(name => new RegExp(`\\$\\{?${name}\\b`).test(text));
	const taints: Taint[] = [];
	for (const { index, instructions } of dockerfile.stages) {
		const base = taints[resolved.stages[index]?.baseStage ?? -1];
		const taint: Taint = { layers: (base?.layers ?? false) || (base?.triggers ?? false), runs: base?.runs ?? false, triggers: false };
		taints.push(taint);
		for (const at of instructions) {
			const instruction = dockerfile.instructions[at]!;
			const aligned = alignment.instructions[at]!;
			for (const gone of aligned.removedBefore) {
				spread(taint, gone, builder);
			}
			if (!aligned.same) {
				stale[at] = 'changed';
				spread(taint, instruction, builder);
			} else if (instruction.keyword === 'FROM' ? taint.layers || usesGlobal(instruction.args) : dependsOnTaint(resolved.instructions[at]!, taint, taints, builder)) {
				stale[at] = 'dependsOnChanged';
				taint.layers = true;
			} else if (globals.size > 0 && instruction.keyword === 'ARG' && namesOf(instruction.args).some(name => globals.has(name))) {
				spread(taint, instruction, builder);
			}
		}
		alignment.removedAtEnd.get(index)?.forEach(gone => { spread(taint, gone, builder); });
	}
	return stale;
}

function spread(taint: Taint, { keyword }: Instruction, builder: Builder): void {
	if (keyword === 'FROM' || layerKind(keyword) === 'layer' || builder === 'classic') {
		taint.layers = true;
	} else if (keyword === 'ENV' || keyword === 'ARG' || keyword === 'SHELL' || keyword === 'USER') {
		taint.runs = true;
	} else if (keyword === 'ONBUILD') {
		taint.triggers = true;
	}
}

function dependsOnTaint({ instruction, layer, source, mounts }: ResolvedInstruction, taint: Taint, taints: readonly Taint[], builder: Builder): boolean {
	const { keyword, text } = instruction;
	if (!layer) {
		return builder === 'classic' && taint.layers;
	}
	const isTainted = (from: CopySource | undefined): boolean => from?.kind === 'stage' && (taints[from.stage]?.layers ?? false);
	return taint.layers
		|| (taint.runs && (keyword === 'RUN' || text.includes('$')))
		|| isTainted(source) || mounts.some(({ from }) => isTainted(from));
}

function namesOf(args: string): readonly string[] {
	return argNames(args, '\\').map(({ name }) => name);
}
