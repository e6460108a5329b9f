import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { openStores } from '../../support/storeWriter';

/** Rounds of two windows that write to one folder until they are killed. */
const rounds = 12;

describe('what windows wrote before they were killed', function () {
	this.timeout(60_000);
	let root: string;
	let program: string;
	before(async () => {
		root = await mkdtemp(join(tmpdir(), 'strata-killed-'));
		program = join(root, 'writer.mjs');
		const support = resolve(__dirname, '../../support/storeWriter.ts');
		buildSync({
			stdin: { contents: `import { writeStores } from ${JSON.stringify(support)};\nawait writeStores(process.argv[2], process.argv[3]);`, resolveDir: root },
			bundle: true, platform: 'node', format: 'esm', outfile: program, logLevel: 'error',
		});
	});
	after(() => rm(root, { recursive: true, force: true }));

	it('is there whole, from both, at whatever moment that was', async () => {
		const folder = join(root, 'shared');
		const written: (readonly [kind: string, what: string])[] = [];
		for (let round = 0; round < rounds; round++) {
			// Every other window is killed while it may still be making folders and key.
			const from = round % 2 === 0 ? 'learnt' : 'key';
			const said = await Promise.all(['a', 'b'].map(window => writeUntilKilled(program, folder, `${String(round)}${window}`, from)));
			written.push(...said.flat());
			await assertKept(folder, written);
		}
		assert.ok(written.filter(([kind]) => kind === 'learnt').length >= rounds);
	});
});

/** What a window said it had written, until it was killed a moment after it said the first of `from`. */
async function writeUntilKilled(program: string, folder: string, writer: string, from: string): Promise<readonly (readonly [string, string])[]> {
	const child = spawn(process.execPath, [program, folder, writer], { stdio: ['ignore', 'pipe', 'inherit'] });
	let said = '';
	let timer: NodeJS.Timeout | undefined;
	child.stdout.on('data', (data: Buffer) => {
		said += data.toString();
		if (said.includes(`${from} `)) {
			timer ??= setTimeout(() => { child.kill('SIGKILL'); }, Math.random() * 40);
		}
	});
	const [code, signal] = await once(child, 'close') as [number | null, string | null];
	assert.deepEqual([code, signal], [null, 'SIGKILL']);
	return said.split('\n').slice(0, -1).map(line => line.split(' ') as [string, string]);
}

/** A window that opens now finds all that was written, and nothing that is not whole. */
async function assertKept(folder: string, written: readonly (readonly [kind: string, what: string])[]): Promise<void> {
	const of = (kind: string): readonly string[] => written.filter(([each]) => each === kind).map(([, what]) => what);
	const complaints: string[] = [];
	const { records, scores, options, baselines, key } = openStores(folder, message => { complaints.push(message); });
	const kept = await records.list({ engineId: 'e', dockerfilePath: '/Dockerfile', target: undefined });
	assert.deepEqual(complaints, []);
	const byId = new Map(kept.map(record => [record.id, record]));
	assert.equal(byId.size, kept.length, 'one record each');
	assert.deepEqual(of('record').filter(id => byId.get(id) === undefined), []);
	assert.deepEqual(of('learnt').filter(id => byId.get(id)?.imageId !== 'learnt'), []);
	const scored = new Set((await scores.list()).map(({ recordId }) => recordId));
	assert.deepEqual(of('score').slice(-400).filter(id => !scored.has(id)), []);
	assert.deepEqual([...new Set([...of('key'), await key()])].length, 1, 'one key for all');
	const pinned = await baselines.get({ dockerfilePath: '/Dockerfile', target: undefined });
	assert.equal(pinned?.text.length, kept[0]?.text.length);
	const choices = options.get('/Dockerfile');
	// Each is changed by one window only: the last it said, or one that it was killed over.
	assert.ok(isAtLeast(choices.tags?.[0], of('tags').at(-1)), `${String(choices.tags?.[0])} after ${String(of('tags').at(-1))}`);
	assert.ok(isAtLeast(choices.target, of('target').at(-1)), `${String(choices.target)} after ${String(of('target').at(-1))}`);
}

/** Whether a writer's id is the one it said last, or later. */
function isAtLeast(id: string | undefined, said: string | undefined): boolean {
	const place = (of: string): number => parseInt(of, 10) * 1e6 + Number(of.split('-')[1]);
	return said === undefined || (id !== undefined && place(id) >= place(said));
}
