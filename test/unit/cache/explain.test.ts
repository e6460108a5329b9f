import assert from 'node:assert/strict';
import { CacheWorld, type BuildOptions, type ContextGiven, type WorldOptions } from '../../support/cacheWorld';

interface Case {
	readonly name: string;
	readonly before: string;
	readonly after?: string;
	readonly files?: ContextGiven;
	readonly changed?: ContextGiven;
	readonly options?: BuildOptions;
	readonly then?: BuildOptions;
	/** First line with a reason, by builder; undefined: everything hits. */
	readonly buildkit: string | undefined;
	readonly classic: string | undefined;
}

const copy = 'FROM base:1\nCOPY dir /dir\n';
const dir = { 'dir/a.txt': 'a', 'dir/b.txt': 'b' };

const cases: readonly Case[] = [
	{ name: 'content', before: copy, files: dir, changed: { ...dir, 'dir/a.txt': 'A' }, buildkit: 'filesChanged ~dir/a.txt (1)', classic: 'filesChanged ~dir/a.txt (1)' },
	{ name: 'mode', before: copy, files: dir, changed: { ...dir, 'dir/a.txt': { data: 'a', mode: 0o755 } }, buildkit: 'filesChanged mode dir/a.txt (1)', classic: 'filesChanged mode dir/a.txt (1)' },
	{ name: 'rename', before: copy, files: dir, changed: { 'dir/a.txt': 'a', 'dir/z.txt': 'b' }, buildkit: 'filesChanged +dir/z.txt -dir/b.txt (2)', classic: 'filesChanged +dir/z.txt -dir/b.txt (2)' },
	{ name: 'mode of the folder', before: copy, files: dir, changed: { ...dir, 'dir/': { mode: 0o700 } }, buildkit: 'filesChanged mode dir (1)', classic: 'filesChanged mode dir (1)' },
	{ name: 'a file that no line takes', before: copy, files: dir, changed: { ...dir, other: 'x' }, buildkit: undefined, classic: undefined },
	{ name: 'text', before: 'FROM base:1\nRUN a\n', after: 'FROM base:1\nRUN b\n', buildkit: 'text was RUN a (line 2)', classic: 'text was RUN a (line 2)' },
	{ name: 'a line before', before: 'FROM base:1\nRUN a\n', after: 'FROM base:1\nRUN new\nRUN a\n', buildkit: 'text was RUN a (line 2)', classic: 'text was RUN a (line 2)' },
	{ name: 'a line more', before: 'FROM base:1\nRUN a\n', after: 'FROM base:1\nRUN a\nRUN b\n', buildkit: 'neverBuilt', classic: 'neverBuilt' },
	{ name: 'a heredoc\'s body', before: 'FROM base:1\nRUN <<E\none\nE\n', after: 'FROM base:1\nRUN <<E\ntwo\nE\n', buildkit: 'text was RUN <<E\none\nE (line 2)', classic: 'text was RUN <<E\none\nE (line 2)' },
	{ name: 'comments and white space', before: 'FROM base:1\nRUN a\n', after: '# c\nfrom base:1\n\n  run   a  \n', buildkit: undefined, classic: undefined },
	{ name: 'an argument that a RUN sees', before: 'FROM base:1\nARG V\nRUN a\n', options: { buildArgs: { V: '1' } }, then: { buildArgs: { V: '2' } }, buildkit: 'argumentChanged V: 1 → 2', classic: 'argumentChanged V: 1 → 2' },
	{ name: 'an argument that no RUN sees', before: 'FROM base:1\nARG V\nCOPY dir /d\n', files: dir, options: { buildArgs: { V: '1' } }, then: { buildArgs: { V: '2' } }, buildkit: undefined, classic: undefined },
	{ name: 'an argument expanded by COPY', before: 'FROM base:1\nARG V\nCOPY dir /$V\n', files: dir, options: { buildArgs: { V: '1' } }, then: { buildArgs: { V: '2' } }, buildkit: 'argumentChanged V: 1 → 2', classic: 'argumentChanged V: 1 → 2' },
	{ name: 'an argument\'s default', before: 'FROM base:1\nARG V=1\nRUN a\n', after: 'FROM base:1\nARG V=2\nRUN a\n', buildkit: 'argumentChanged V: 1 → 2', classic: 'text was ARG V=1 (line 2)' },
	{ name: 'an argument given as its default', before: 'FROM base:1\nARG V=1\nRUN a\n', then: { buildArgs: { V: '1' } }, buildkit: undefined, classic: undefined },
	{ name: 'an undeclared argument', before: 'FROM base:1\nRUN a\n', then: { buildArgs: { V: '1' } }, buildkit: undefined, classic: undefined },
	{ name: 'an undeclared proxy', before: 'FROM base:1\nRUN a\n', then: { buildArgs: { HTTP_PROXY: 'http://proxy' } }, buildkit: undefined, classic: 'argumentChanged HTTP_PROXY: undefined → http://proxy' },
	{ name: 'ENV', before: 'FROM base:1\nENV V=1\nRUN a\n', after: 'FROM base:1\nENV V=2\nRUN a\n', buildkit: 'environmentChanged V: 1 → 2', classic: 'text was ENV V=1 (line 2)' },
	{ name: 'ENV quoted', before: 'FROM base:1\nENV V=1\nRUN a\n', after: 'FROM base:1\nENV V="1"\nRUN a\n', buildkit: undefined, classic: undefined },
	{ name: 'LABEL', before: 'FROM base:1\nLABEL V=1\nRUN a\n', after: 'FROM base:1\nLABEL V=2\nRUN a\n', buildkit: undefined, classic: 'text was LABEL V=1 (line 2)' },
	{ name: 'USER', before: 'FROM base:1\nUSER a\nRUN a\n', after: 'FROM base:1\nUSER b\nRUN a\n', buildkit: 'user was a, is b (line 2)', classic: 'text was USER a (line 2)' },
	{ name: 'SHELL', before: 'FROM base:1\nSHELL ["sh","-c"]\nRUN a\n', after: 'FROM base:1\nSHELL ["sh","-ec"]\nRUN a\n', buildkit: 'shell was ["sh","-c"], is ["sh","-ec"] (line 2)', classic: 'text was SHELL ["sh","-c"] (line 2)' },
	{ name: 'WORKDIR', before: 'FROM base:1\nWORKDIR /a\nRUN a\n', after: 'FROM base:1\nWORKDIR /b\nRUN a\n', buildkit: 'text was WORKDIR /a (line 2)', classic: 'text was WORKDIR /a (line 2)' },
	{ name: 'network', before: 'FROM base:1\nRUN a\n', options: { network: 'none' }, then: { network: 'host' }, buildkit: 'network was none, is host (line 2)', classic: undefined },
	{ name: 'platform', before: 'FROM base:1\nRUN a\n', then: { platform: 'linux/arm64' }, buildkit: 'platform was linux/amd64, is linux/arm64 (line 2)', classic: undefined },
	{ name: 'destination', before: copy, after: 'FROM base:1\nCOPY dir /other\n', files: dir, buildkit: 'text was COPY dir /dir (line 2)', classic: 'text was COPY dir /dir (line 2)' },
	{ name: 'source under another name', before: 'FROM base:1\nCOPY a /x\n', after: 'FROM base:1\nCOPY b /x\n', files: { a: '1', b: '1' }, buildkit: 'text was COPY a /x (line 2)', classic: 'filesChanged +b -a (2)' },
	{ name: 'CMD', before: 'FROM base:1\nRUN a\nCMD a\n', after: 'FROM base:1\nRUN a\nCMD b\n', buildkit: undefined, classic: 'text was CMD a (line 3)' },
	{ name: 'no cache', before: copy, files: dir, then: { noCache: true }, buildkit: 'noCache', classic: 'noCache' },
	{ name: 'the name of a stage', before: 'FROM base:1 AS a\nRUN a\n', after: 'FROM base:1 AS b\nRUN a\n', buildkit: undefined, classic: undefined },
];

describe('reason', () => {
	for (const builder of ['buildkit', 'classic'] as const) {
		describe(builder, () => {
			for (const { name, before, after = before, files = {}, changed = files, options = {}, then = options, ...expected } of cases) {
				it(`of ${name}`, () => {
					const drawn = new CacheWorld({ builder }).built(before, files, options).drawBuild(after, changed, then);
					const first = drawn.split(/\n(?=\d+ )/)[0]!;
					assert.equal(first === '' ? undefined : first.slice(first.indexOf(' → ') + 3), expected[builder]);
				});
			}

			it('of what follows is the line that started it', () => {
				const text = (seed: string): string => `FROM base:1\nRUN one\nRUN ${seed}\nCOPY dir /d\nRUN end\n`;
				const drawn = new CacheWorld({ builder }).built(text('a'), dir).drawBuild(text('b'), dir);
				assert.equal(drawn, '3 RUN b → text was RUN a (line 3)\n4 COPY dir /d → parentMissed 3\n5 RUN end → parentMissed 3');
			});

			it('of a COPY from a stage that ran is the line in that stage', () => {
				const text = (seed: string): string => `FROM base:1 AS b\nRUN ${seed}\nRUN more\nFROM base:1\nCOPY --from=b /x /x\nRUN end\n`;
				const drawn = new CacheWorld({ builder }).built(text('1')).drawBuild(text('2'), {}, { outcomes: 'mrrmrr' });
				assert.deepEqual(drawn.split('\n').slice(2), ['5 COPY --from=b /x /x → sourceStageRan 2', '6 RUN end → parentMissed 5']);
			});

			it('of a first build is that there was none', () => {
				assert.deepEqual([...new Set(new CacheWorld({ builder }).build(copy + 'RUN a\n', dir).map(reason => reason?.kind))], [undefined, 'neverBuilt']);
			});

			it('compares with the nearest build, not only the last', () => {
				const world = new CacheWorld({ builder }).built(copy, dir).built(copy.replace('/dir\n', '/other\n'), dir);
				assert.equal(world.drawBuild(copy, { ...dir, 'dir/a.txt': 'A' }), '2 COPY dir /dir → filesChanged ~dir/a.txt (1)');
			});

			it('is not claimed where the inputs are the same', () => {
				const world = new CacheWorld({ builder }).built(copy, dir);
				assert.equal(world.drawBuild(copy, dir, { outcomes: 'mr' }), '2 COPY dir /dir → unknown');
			});

			it('of ADD from a URL that was known is its content', () => {
				const text = 'FROM base:1\nADD http://host/f /f\n';
				assert.equal(new CacheWorld({ builder }).built(text).drawBuild(text, {}, { outcomes: 'mr' }), '2 ADD http://host/f /f → remoteChanged http://host/f');
			});

			it('of a base that was retagged names both', () => {
				const world = new CacheWorld({ builder }).built('FROM base:1\nRUN a\n');
				world.bases = { 'base:1': { ...world.bases['base:1']!, id: 'new', diffIds: ['new'] } };
				assert.equal(world.drawBuild('FROM base:1\nRUN a\n'), '2 RUN a → baseChanged base:1: id of base:1 → new');
			});

			it('of another base names both', () => {
				const world = new CacheWorld({ builder, bases: { 'base:2': {} } }).built('FROM base:1\nRUN a\n');
				assert.equal(world.drawBuild('FROM base:2\nRUN a\n'), '2 RUN a → baseChanged base:2: id of base:1 → id of base:2');
			});

			it('of what a base\'s trigger took is the files', () => {
				const world = new CacheWorld({ builder, bases: { 'base:1': { onBuild: ['COPY dir /dir'] } } }).built('FROM base:1\nRUN a\n', dir);
				assert.equal(world.drawBuild('FROM base:1\nRUN a\n', { ...dir, 'dir/a.txt': 'A' }), '2 RUN a → filesChanged ~dir/a.txt (1)');
			});
		});
	}

	it('of a base with other environment only: RUN, and not COPY, on a layer store; everything on the containerd store', () => {
		const rebuilt = (options: WorldOptions): string => {
			const world = new CacheWorld(options).built(`${copy}RUN a\n`, dir);
			world.bases = { 'base:1': { ...world.bases['base:1']!, id: 'new', env: { V: '1' } } };
			return world.drawBuild(`${copy}RUN a\n`, dir);
		};
		assert.equal(rebuilt({}), '3 RUN a → environmentChanged V: undefined → 1');
		assert.equal(rebuilt({ imageStore: 'containerd' }).split('\n')[0], '2 COPY dir /dir → baseChanged base:1: id of base:1 → new');
	});

	it('of a base with other environment is that where the containerd store has found what it built upon the old one', () => {
		const world = new CacheWorld({ imageStore: 'containerd' }).built(`${copy}RUN a\n`, dir);
		world.bases = { 'base:1': { ...world.bases['base:1']!, id: 'new', env: { V: '1' } } };
		assert.equal(world.drawBuild(`${copy}RUN a\n`, dir, { outcomes: 'mcr' }), '3 RUN a → environmentChanged V: undefined → 1');
	});

	it('of a COPY that becomes, or was, a COPY --link is the line, where the engine merges layers', () => {
		const linked = copy.replace('COPY', 'COPY --link');
		const after = (before: string, now: string): string => new CacheWorld({ imageStore: 'containerd' }).built(before, dir).drawBuild(now, dir);
		assert.equal(after(copy, linked), '2 COPY --link dir /dir → text was COPY dir /dir (line 2)');
		assert.equal(after(linked, copy), '2 COPY dir /dir → text was COPY --link=true dir /dir (line 2)');
	});

	it('names the paths up to the limit and counts all', () => {
		const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`dir/new${at}`, 'x']));
		assert.equal(new CacheWorld().built(copy, dir).drawBuild(copy, { ...dir, ...many }),
			'2 COPY dir /dir → filesChanged +dir/new0 +dir/new1 +dir/new2 +dir/new3 +dir/new4 (9)');
	});
});
