import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changesOf, walkChanges } from '../../../src/core/layers/changes';
import { contentOf, rootOf, totalsOf, walkTree } from '../../../src/core/layers/tree';
import { touchesOf } from '../../../src/core/layers/touch';
import { wasteOf } from '../../../src/core/layers/waste';
import { layerTar, entryOf, type LayerEntry } from '../../support/layerTar';
import { oracleOf, type OracleEntry } from '../../support/layerOracle';
import { stackOfTars } from '../../support/layerStack';

/** How many stacks; more on demand. */
const runs = Number(process.env['STRATA_FUZZ'] ?? 0) || 400;

const name = fc.constantFrom('a', 'b', 'c', 'a-', 'B');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(names => names.join('/'));
const entry: fc.Arbitrary<LayerEntry> = fc.oneof(
	{ weight: 5, arbitrary: fc.tuple(path, fc.integer({ min: 0, max: 40 }), fc.constantFrom(0o644, 0o600)).map(([at, size, mode]) => ({ path: at, data: 'x'.repeat(size), mode })) },
	{ weight: 2, arbitrary: fc.tuple(path, fc.constantFrom(0o755, 0o700)).map(([at, mode]) => ({ path: `${at}/`, mode })) },
	{ weight: 1, arbitrary: path.map(at => ({ path: at, type: 'symlink' as const, link: 'b' })) },
	{ weight: 2, arbitrary: path.map(at => entryOf(`-${at}`)) },
	{ weight: 1, arbitrary: path.map(at => entryOf(`-${at}/`)) },
	{ weight: 2, arbitrary: fc.tuple(path, path).map(([at, link]) => ({ path: at, type: 'link' as const, link })) },
);

/** Hard links lead to a file that the same layer has already, as engines write them. */
function linked(entries: readonly LayerEntry[]): readonly LayerEntry[] {
	const files: string[] = [];
	const targets: string[] = [];
	return entries.flatMap(each => {
		const at = String(each.path);
		// A content is called by its first name, so that one stays.
		if (targets.some(target => areInEachOther(target, at.replace(/\/$/, '')))) {
			return [];
		}
		if (each.type === 'link') {
			if (files.length === 0 || areInEachOther(files.at(-1)!, at)) {
				return [];
			}
			targets.push(files.at(-1)!);
			return [{ ...each, link: files.at(-1)! }];
		}
		// What is put in the way of an earlier file makes a link to it another story.
		files.splice(0, files.length, ...files.filter(file => !areInEachOther(file, at.replace(/\/$/, ''))));
		if (each.data !== undefined) {
			files.push(at);
		}
		return [each];
	});
}

function areInEachOther(one: string, other: string): boolean {
	return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

const layers = fc.array(fc.array(entry, { maxLength: 8 }).map(linked), { minLength: 1, maxLength: 5 });

describe('layers against a second calculation', () => {
	const check = (property: (tars: readonly Buffer[]) => Promise<void>) => async (): Promise<void> => {
		await fc.assert(fc.asyncProperty(layers, stack => property(stack.map(layerTar))), { numRuns: runs });
	};

	it('shows the same merged view after every layer', check(async tars => {
		const stack = stackOfTars(tars);
		for (const [layer, expected] of (await oracleOf(tars)).trees.entries()) {
			const upTo = stack.slice(0, layer + 1);
			const seen = [...walkTree(upTo, rootOf(upTo))].map(node => [node.path, {
				kind: node.kind === 'hardlink' ? 'file' : node.kind, mode: node.mode, uid: node.uid, gid: node.gid,
				link: node.kind === 'symlink' ? node.link : undefined,
				size: contentOf(upTo, node) === undefined ? undefined : node.size,
			}] as const);
			assert.deepEqual(sorted(seen), sorted([...expected].map(([at, entry]) => [at, facts(entry)] as const)));
			assert.equal(totalsOf(upTo, rootOf(upTo)).entries, expected.size + 1);
		}
	}));

	it('tells the same changes of every layer', check(async tars => {
		const stack = stackOfTars(tars);
		const { trees, touched } = await oracleOf(tars);
		for (const [layer, after] of trees.entries()) {
			const before = trees[layer - 1] ?? new Map<string, OracleEntry>();
			const changes = changesOf(stack, layer);
			const expected = [
				...[...after.keys()].filter(at => !before.has(at)).map(at => `added ${at}`),
				...[...before.keys()].filter(at => !after.has(at)).map(at => `removed ${at}`),
				...[...after].filter(([at, entry]) => before.has(at) && isModified(before.get(at)!, entry, touched[layer]!.has(at))).map(([at]) => `modified ${at}`),
			];
			const seen = [...walkChanges(changes)];
			assert.deepEqual(seen.map(({ change, path: at }) => `${change} ${at}`).sort(), expected.sort());
			const { added, modified, removed } = changes.totals(changes.root);
			assert.deepEqual([added, modified, removed], ['added', 'modified', 'removed'].map(change => seen.filter(node => node.change === change).length));
			for (const node of seen.slice(0, 5)) {
				assert.equal(touchesOf(stack, node.path).find(touch => touch.layer === layer)?.change, node.change);
			}
		}
	}));

	it('finds the same waste, with the same layers on both ends', check(async tars => {
		const { totalBytes, waste } = await oracleOf(tars);
		const found = wasteOf(stackOfTars(tars));
		const line = (file: { readonly path: string; readonly bytes: number; readonly addedIn: number; readonly buriedIn: number }): string =>
			`${file.path} ${file.bytes} ${file.addedIn} ${file.buriedIn}`;
		assert.deepEqual(found.files.map(line).sort(), waste.map(line).sort());
		assert.equal(found.totalBytes, totalBytes);
		assert.equal(found.wastedBytes, waste.reduce((sum, { bytes }) => sum + bytes, 0));
	}));
});

function facts({ kind, mode, uid, gid, link, content }: OracleEntry): object {
	return { kind, mode, uid, gid, link, size: content?.size };
}

function isModified(before: OracleEntry, after: OracleEntry, isTouched: boolean): boolean {
	return before.kind === 'directory' && after.kind === 'directory'
		? before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid
		: isTouched || before.kind !== after.kind;
}

function sorted<T>(pairs: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
	return [...pairs].sort(([left], [right]) => left < right ? -1 : 1);
}
