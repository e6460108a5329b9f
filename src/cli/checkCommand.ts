import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatBytes } from '../core/base/bytes';
import { exceededBudgets, readBudget, type Budget, type ExceededBudget } from '../core/layers/budget';
import { positionals, text, UsageError, type Command } from './command';
import { exploredSource, sourceHelp, sourceOptions } from './imageOfSource';
import { table } from './table';

export const checkCommand: Command = {
	usage: 'check --budget FILE SOURCE',
	summary: 'Fails where an image or a line of it is larger, or wastes more, than a budget allows',
	options: { ...sourceOptions, budget: { type: 'string' } },
	help: { ...sourceHelp, budget: 'JSON: totalBytes, wastedBytes, efficiency, layerBytes, layerWastedBytes, lines: { "RUN apt-get": "80 MB" }' },

	async run(given, world) {
		const [written] = positionals(given, 'SOURCE');
		const file = text(given, 'budget');
		if (file === undefined) {
			throw new UsageError('--budget is missing');
		}
		const budget = await budgetIn(resolve(world.cwd, file), file);
		const { named, explored } = await exploredSource(given, written!, world);
		const exceeded = exceededBudgets(budget, explored.image, explored.waste());
		const { totalBytes, wastedBytes, efficiency } = explored.waste();
		return {
			json: {
				image: named.name, totalBytes, wastedBytes, efficiency,
				exceeded: exceeded.map(({ what, limit, actual, layer, createdBy }) => ({ what, limit, actual, layer: layer ?? null, createdBy: createdBy ?? null })),
			},
			text: exceeded.length === 0 ? `${named.name} is within its budget: ${formatBytes(totalBytes)}, ${formatBytes(wastedBytes)} wasted` : table(exceeded.map(row)),
			failure: exceeded.length === 0 ? undefined : { message: `${named.name} exceeds its budget.`, isBadInput: false },
		};
	},
};

async function budgetIn(path: string, written: string): Promise<Budget> {
	let json: unknown;
	try {
		json = JSON.parse(await readFile(path, 'utf8'));
	} catch (cause) {
		throw new UsageError(`${written} cannot be read as JSON`, { cause });
	}
	const budget = readBudget(json);
	if ('problem' in budget) {
		throw new UsageError(`${written}: ${budget.problem}`);
	}
	return budget;
}

function row({ what, limit, actual, layer, createdBy }: ExceededBudget): readonly string[] {
	const words = { totalBytes: 'the image', wastedBytes: 'wasted', efficiency: 'efficiency', layerBytes: 'layer', layerWastedBytes: 'wasted by layer', lines: 'line of layer' }[what];
	const number = what === 'efficiency' ? (value: number) => value.toFixed(3) : formatBytes;
	return [`${words}${layer === undefined ? '' : ` ${layer}`}`, `${number(actual)}, budget ${number(limit)}`, createdBy ?? ''];
}
