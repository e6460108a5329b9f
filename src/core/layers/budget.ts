import type { LayeredImage } from './layeredImage';
import type { Waste } from './waste';

/** What an image may come to. Bytes are numbers, or texts with a decimal unit (`200 MB`). */
export interface Budget {
	readonly totalBytes: number | undefined;
	readonly wastedBytes: number | undefined;
	/** Least efficiency, 0 to 1. */
	readonly efficiency: number | undefined;
	/** Most bytes of any single layer. */
	readonly layerBytes: number | undefined;
	/** Most bytes that any single layer may add only to be buried later. */
	readonly layerWastedBytes: number | undefined;
	/** Most bytes of the layers whose `createdBy` contains a text, each. */
	readonly lines: readonly { readonly text: string; readonly bytes: number }[];
}

export interface ExceededBudget {
	readonly what: 'totalBytes' | 'wastedBytes' | 'efficiency' | 'layerBytes' | 'layerWastedBytes' | 'lines';
	readonly limit: number;
	readonly actual: number;
	/** The layer it is about, lowest 0; undefined for the image as a whole. */
	readonly layer: number | undefined;
	readonly createdBy: string | undefined;
}

/** Reads a budget file's JSON. Returns what is wrong with it where something is. */
export function readBudget(json: unknown): Budget | { readonly problem: string } {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		return { problem: 'not an object' };
	}
	const record = json as Readonly<Record<string, unknown>>;
	const unknown = Object.keys(record).find(key => !keys.includes(key));
	if (unknown !== undefined) {
		return { problem: `"${unknown}" is none of ${keys.join(', ')}` };
	}
	const { efficiency, lines = {} } = record;
	if (efficiency !== undefined && !(typeof efficiency === 'number' && efficiency >= 0 && efficiency <= 1)) {
		return { problem: '"efficiency" is a number from 0 to 1' };
	}
	if (typeof lines !== 'object' || lines === null || Array.isArray(lines)) {
		return { problem: '"lines" is an object of texts and sizes' };
	}
	const sizes = { ...record, efficiency: undefined, lines: undefined, ...lines };
	const wrong = Object.entries(sizes).find(([, value]) => value !== undefined && bytesOf(value) === undefined);
	return wrong !== undefined ? { problem: `"${wrong[0]}" is no size` } : {
		totalBytes: bytesOf(record['totalBytes']),
		wastedBytes: bytesOf(record['wastedBytes']),
		efficiency,
		layerBytes: bytesOf(record['layerBytes']),
		layerWastedBytes: bytesOf(record['layerWastedBytes']),
		lines: Object.entries(lines).map(([text, value]) => ({ text, bytes: bytesOf(value)! })),
	};
}

/** What of an image is over budget; nothing where all is well. */
export function exceededBudgets(budget: Budget, { layers }: LayeredImage, waste: Waste): readonly ExceededBudget[] {
	const whole = (what: 'totalBytes' | 'wastedBytes'): readonly ExceededBudget[] => {
		const limit = budget[what];
		return limit === undefined || waste[what] <= limit ? [] : [{ what, limit, actual: waste[what], layer: undefined, createdBy: undefined }];
	};
	const each = (what: ExceededBudget['what'], limitOf: (layer: number) => number | undefined, bytesIn: (layer: number) => number): readonly ExceededBudget[] =>
		layers.flatMap(({ createdBy }, layer) => {
			const limit = limitOf(layer);
			return limit === undefined || bytesIn(layer) <= limit ? [] : [{ what, limit, actual: bytesIn(layer), layer, createdBy }];
		});
	const layerBytes = (layer: number): number => layers[layer]!.index.subtreeBytes[0]!;
	return [
		...whole('totalBytes'),
		...whole('wastedBytes'),
		...budget.efficiency === undefined || waste.efficiency >= budget.efficiency ? []
			: [{ what: 'efficiency' as const, limit: budget.efficiency, actual: waste.efficiency, layer: undefined, createdBy: undefined }],
		...each('layerBytes', () => budget.layerBytes, layerBytes),
		...each('layerWastedBytes', () => budget.layerWastedBytes, layer => waste.wastedByLayer[layer]!),
		...budget.lines.flatMap(({ text, bytes }) => each('lines', layer => layers[layer]!.createdBy?.includes(text) === true ? bytes : undefined, layerBytes)),
	];
}

const keys: readonly string[] = ['totalBytes', 'wastedBytes', 'efficiency', 'layerBytes', 'layerWastedBytes', 'lines'];
const units: Readonly<Record<string, number>> = { '': 1, B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

function bytesOf(value: unknown): number | undefined {
	if (typeof value === 'number') {
		return Number.isFinite(value) && value >= 0 ? value : undefined;
	}
	const [, digits, unit] = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(value) ?? [] : [];
	const factor = unit === undefined ? undefined : units[unit];
	return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}
