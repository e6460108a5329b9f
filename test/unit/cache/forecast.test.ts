import assert from 'node:assert/strict';
import { CacheKnowledge } from '../../../src/core/cache/knowledge';
import { CacheWorld, type BuildOptions, type ContextGiven } from '../../support/cacheWorld';

const plain = lines(`
	FROM base:1
	RUN echo seed
	COPY a.txt /a.txt
	RUN echo mid
	COPY dir /dir
	RUN echo end
	CMD ["sh"]
`);
const files = { 'a.txt': 'hello', 'dir/b.txt': 'b', 'dir/c.txt': 'c' };

describe('forecast', () => {
	describe('of both builders', () => {
		for (const builder of ['buildkit', 'classic'] as const) {
			const world = (): CacheWorld => new CacheWorld({ builder });

			it(`knows nothing before the first build (${builder})`, () => {
				assert.ok(world().forecast(plain, files).every(said => said === undefined || said.kind === 'unknown'));
			});

			it(`foretells hits where nothing changed (${builder})`, () => {
				assert.ok(world().built(plain, files).forecast(plain, files).every(said => said === undefined || said.kind === 'hit'));
			});

			it(`finds old content again: A, B, A (${builder})`, () => {
				const there = world().built(plain, files).built(plain, { ...files, 'a.txt': 'other' });
				assert.ok(there.forecast(plain, files).every(said => said === undefined || said.kind === 'hit'));
			});

			it(`takes what another Dockerfile built, and is silent about the rest (${builder})`, () => {
				const there = world().built(plain, files, { isOwn: false });
				assert.deepEqual(kinds(there, plain.replace('echo end', 'echo other'), files).slice(1, 6), ['hit', 'hit', 'hit', 'hit', 'unknown']);
			});

			it(`foretells no hit without cache (${builder})`, () => {
				const said = world().built(plain, files).forecast(plain, files, { noCache: true });
				assert.ok(said.every(one => one === undefined || (one.kind === 'miss' && one.reason.kind === 'noCache')));
			});

			it(`says what is gone from the cache (${builder})`, () => {
				const there = world().built(plain, files);
				there.past.forEach(({ steps }) => { assert.ok(steps.length > 0); });
				const all = new Proxy(new Set<string>(), { get: (set, name) => name === 'has' ? () => true : Reflect.get(set, name) as unknown });
				Object.assign(there, { lost: all });
				assert.equal(there.draw(plain, files).split('\n')[0], '2 RUN echo seed → miss: cachePruned');
			});

			it(`waits for files that are not hashed yet (${builder})`, () => {
				const there = world().built(plain, files);
				const { resolved, inputs } = there.inputs(plain, files);
				const unhashed = inputs.map(one => one.line !== 3 ? one : { ...one, step: { ...one.step!, files: one.step!.files!.map(taken => ({ ...taken, root: undefined })) } });
				assert.deepEqual(there.forecastOf(resolved, unhashed).map(one => one?.kind).slice(1, 4), ['hit', 'unknown', 'unknown']);
			});
		}
	});

	it('foretells that BuildKit takes a WORKDIR from the cache also where none is to be used', () => {
		const text = 'FROM base:1\nWORKDIR /one\nCOPY a.txt /a.txt\nWORKDIR /two\n';
		const kindsOf = (builder: 'buildkit' | 'classic'): readonly (string | undefined)[] =>
			new CacheWorld({ builder }).built(text, files).forecast(text, files, { noCache: true }).slice(1).map(said => said?.kind);
		assert.deepEqual(kindsOf('buildkit'), ['hit', 'miss', 'miss']);
		assert.deepEqual(kindsOf('classic'), ['miss', 'miss', 'miss']);
	});

	it('follows the stage graph, not the order of lines', () => {
		const text = lines(`
			FROM base:1 AS tools
			RUN echo tools
			FROM base:1 AS lib
			COPY a.txt /lib
			FROM base:1
			COPY --from=tools /t /t
			COPY --from=lib /lib /lib
			RUN echo done
		`);
		const world = new CacheWorld().built(text, files);
		assert.equal(world.draw(text, { ...files, 'a.txt': 'new' }), lines(`
			2 RUN echo tools → hit
			4 COPY a.txt /lib → miss: filesChanged ~a.txt (1)
			6 COPY --from=tools /t /t → hit
			7 COPY --from=lib /lib /lib → depends on line 3
			8 RUN echo done → depends on line 3
		`));
	});

	it('leaves out stages the target does not need, and BuildKit lines without a step', () => {
		const text = 'FROM base:1 AS a\nRUN one\nFROM base:1 AS b\nENV X=1\nRUN two\n';
		assert.equal(new CacheWorld().built(text).draw(text), '5 RUN two → hit');
		assert.equal(new CacheWorld({ builder: 'classic' }).built(text).draw(text), '2 RUN one → hit\n4 ENV X=1 → hit\n5 RUN two → hit');
	});

	it('knows a stage that ran again with the same result', () => {
		const text = (seed: string, end = 'RUN echo end'): string => `FROM base:1 AS b\nRUN ${seed}\nFROM base:1\nCOPY --from=b /out /out\n${end}\n`;
		const world = new CacheWorld().built(text('one')).built(text('two'), {}, { outcomes: 'mrmcc' });
		assert.deepEqual(kinds(world, text('two')), [undefined, 'hit', undefined, 'hit', 'hit']);
		// The copies are one and the same to the engine, so what was built upon one is found upon the other.
		world.built(text('one', 'RUN echo other'));
		assert.deepEqual(kinds(world, text('two', 'RUN echo other')), [undefined, 'hit', undefined, 'hit', 'hit']);
	});

	it('knows a stage that ran again with another result', () => {
		const text = (seed: string, more = ''): string => `FROM base:1 AS b\nRUN ${seed}\nFROM base:1\n${more}COPY --from=b /out /out\n`;
		const world = new CacheWorld().built(text('one')).built(text('two'), {}, { outcomes: 'mrmr' });
		world.built(text('one', 'RUN more\n'));
		assert.equal(world.draw(text('two', 'RUN more\n')).split('\n').at(-1), '5 COPY --from=b /out /out → miss: unknown');
	});

	it('promises no hit of a COPY whose stage will run', () => {
		const text = (seed: string, end: string): string => `FROM base:1 AS b\nRUN ${seed}\nFROM base:1\nCOPY --from=b /out /out\nRUN ${end}\n`;
		const world = new CacheWorld().built(text('one', 'end'));
		assert.equal(world.draw(text('two', 'other')), lines(`
			2 RUN two → miss: text was RUN one (line 2)
			4 COPY --from=b /out /out → depends on line 1
			5 RUN other → miss: text was RUN end (line 5)
		`));
	});

	it('knows nothing of a URL before it is asked', () => {
		const text = 'FROM base:1\nADD http://host/file /f\nRUN echo end\n';
		assert.equal(new CacheWorld().built(text).draw(text), '2 ADD http://host/file /f → depends on http://host/file\n3 RUN echo end → depends on http://host/file');
	});

	it('promises nothing upon a base that the engine does not have and may have moved', () => {
		const text = 'FROM far:1\nRUN echo end\n';
		assert.equal(new CacheWorld().built(text).draw(text), '2 RUN echo end → depends on far:1, which may have moved');
		const copied = 'FROM base:1\nCOPY --from=far:1 /a /a\n';
		assert.equal(new CacheWorld().built(copied).draw(copied), '2 COPY --from=far:1 /a /a → depends on far:1, which may have moved');
		const pinned = `FROM far@sha256:${'a'.repeat(64)}\nRUN echo end\n`;
		assert.equal(new CacheWorld().built(pinned).draw(pinned), '2 RUN echo end → hit');
		assert.equal(new CacheWorld().built(text).draw(text.replace('end', 'other')), '2 RUN echo other → depends on far:1, which may have moved');
	});

	it('neither takes a base for another one because it is here now, or is not any more', () => {
		const text = 'FROM base:1\nRUN echo end\n';
		const gone = new CacheWorld({ bases: { 'base:1': { env: { PATH: '/bin' } } } }).built(text);
		gone.bases = {};
		assert.equal(gone.draw(text), '2 RUN echo end → depends on base:1, which may have moved');
		const come = new CacheWorld();
		const here = come.bases;
		come.bases = {};
		come.built(text);
		come.bases = here;
		assert.equal(come.draw(text), '2 RUN echo end → depends on base:1, which may have moved');
	});

	it('leaves open, on the containerd store, whether what was built upon another base with the same layers is found', () => {
		const text = 'FROM base:1\nCOPY a.txt /a.txt\nRUN echo end\n';
		const retagged = (given: object, run = 'end'): string => {
			const world = new CacheWorld({ imageStore: 'containerd' }).built(text, files);
			world.bases = { 'base:1': { ...world.bases['base:1']!, id: 'new', ...given } };
			return world.draw(text.replace('end', run), files);
		};
		assert.equal(retagged({}), lines(`
			2 COPY a.txt /a.txt → elsewhere, or baseChanged base:1: id of base:1 → new
			3 RUN echo end → elsewhere, or parentMissed 2
		`));
		assert.equal(retagged({}, 'other').split('\n')[1], '3 RUN echo other → miss: unknown');
		assert.equal(retagged({ diffIds: ['other layers'] }), lines(`
			2 COPY a.txt /a.txt → miss: baseChanged base:1: id of base:1 → new
			3 RUN echo end → miss: parentMissed 2
		`));
	});

	it('lets the classic builder find what the same build has just made', () => {
		const text = (seed: string): string => `FROM base:1 AS a\nRUN ${seed}\nRUN more\nFROM base:1 AS b\nRUN ${seed}\nRUN else\n`;
		const classic = new CacheWorld({ builder: 'classic' }).built(text('one'));
		assert.deepEqual(kinds(classic, text('two')), [undefined, 'miss', 'miss', undefined, 'hit', 'miss']);
	});

	it('follows the images of the classic builder, of which the newest counts', () => {
		const text = (...runs: string[]): string => ['FROM base:1', ...runs.map(run => `RUN ${run}`), ''].join('\n');
		const world = new CacheWorld({ builder: 'classic' })
			.built(text('a', 'b'), {}, { outcomes: 'mrr', results: [undefined, 'a1', 'b1'] })
			.built(text('a', 'c'), {}, { outcomes: 'mrr', noCache: true, results: [undefined, 'a2', 'c2'] });
		assert.deepEqual(kinds(world, text('a', 'b')), [undefined, 'hit', 'miss'], 'b was built upon the older a');
		assert.deepEqual(kinds(world, text('a', 'c')), [undefined, 'hit', 'hit']);
	});

	it('foretells no rebuild of what a build may have made that nobody recorded, nor of what is built upon that', () => {
		const text = (run: string): string => `FROM base:1\nRUN one\nRUN ${run}\nCOPY a.txt /a\nRUN end\n`;
		for (const builder of ['buildkit', 'classic'] as const) {
			const world = new CacheWorld({ builder }).built(text('two'), files);
			world.elsewhere.set('RUN other', ['theirs']);
			world.elsewhere.set('theirs COPY a.txt /a', ['copied']);
			assert.equal(world.draw(text('other'), files), lines(`
				2 RUN one → hit
				3 RUN other → elsewhere, or text was RUN two (line 3)
				4 COPY a.txt /a → elsewhere, or parentMissed 3
				5 RUN end → miss: unknown
			`));
		}
	});

	it('foretells that BuildKit needs no record of what a stage made, where it has what was copied from it', () => {
		const text = (last = 'end'): string => `FROM base:1 AS one\nRUN one\nRUN two\nFROM base:1\nCOPY --from=one /x /x\nCOPY --from=one /y /y\nRUN ${last}\n`;
		const world = new CacheWorld().built(text());
		const keyOf = (line: number): string => [...new CacheKnowledge(world.past).steps()].find(({ inputs }) => inputs.line === line)!.key;
		world.lost.add(keyOf(2)).add(keyOf(3));
		assert.deepEqual(kinds(world, text()), [undefined, 'hit', 'hit', undefined, 'hit', 'hit', 'hit']);
		assert.deepEqual(kinds(world, text('other')), [undefined, 'hit', 'hit', undefined, 'hit', 'hit', 'miss']);
		world.lost.add(keyOf(6)).add(keyOf(7));
		assert.deepEqual(kinds(world, text()), [undefined, 'miss', 'miss', undefined, 'depends', 'miss', 'miss']);
	});

	it('leaves open what the engine has upon a result that a build under way holds', () => {
		const text = 'FROM base:1\nRUN one\nRUN two\nRUN three\n';
		const world = new CacheWorld().built(text);
		const [one] = new CacheKnowledge(world.past).siblings('base layers of base:1');
		world.held.add(one!.result);
		assert.equal(world.draw(text), lines(`
			2 RUN one → hit
			3 RUN two → depends on a build under way
			4 RUN three → depends on a build under way
		`));
	});

	it('lets COPY --link hit upon a parent that misses where the engine merges layers', () => {
		const text = (seed: string): string => `FROM base:1\nRUN ${seed}\nCOPY --link a.txt /a\nRUN end\n`;
		const merging = new CacheWorld({ imageStore: 'containerd' }).built(text('one'), files);
		assert.deepEqual(kinds(merging, text('two'), files), [undefined, 'miss', 'hit', 'miss']);
		assert.deepEqual(kinds(new CacheWorld().built(text('one'), files), text('two'), files), [undefined, 'miss', 'miss', 'miss']);
	});
});

function kinds(world: CacheWorld, text: string, context: ContextGiven = {}, options: BuildOptions = {}): (string | undefined)[] {
	return world.forecast(text, context, options).map(said => said?.kind);
}

/** The text without its indentation and outer line feeds. */
function lines(text: string): string {
	return text.replace(/^\n|\n\t*$/g, '').replace(/^\t+/gm, '');
}
