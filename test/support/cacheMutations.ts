import type { BuildOptions } from '../../src/core/build/buildOptions';
import type { LabFile, LabState } from './cacheLab';
import { baseImage } from './engines';

/** One kind of change between two builds, and the first cause that has to be told of it. */
export interface Mutation {
	readonly name: string;
	/** Built one after the other; the last is judged. */
	readonly states: readonly LabState[];
	/** Reason of the first line that misses, as text; undefined: every line hits. */
	readonly buildkit: string | undefined;
	readonly classic: string | undefined;
	/** BuildKit of Docker 20.10, and on the containerd store, where they differ. */
	readonly old: string | undefined;
	readonly containerd: string | undefined;
	/** Lines that may be foretold as depending, or not at all. */
	readonly open: readonly number[];
	/** The same of BuildKit on the containerd store. */
	readonly openOnContainerd: readonly number[];
	readonly only: 'buildkit' | 'newBuildkit' | undefined;
	readonly prepare: Prepare | undefined;
}

export type Prepare = 'retagOther' | 'retagLabel' | 'retagEnv' | 'sameTag' | 'onbuild' | 'prune' | 'url' | 'newUrl';

type Given = Omit<Partial<LabState>, 'dockerfile'> & { readonly lines?: readonly string[]; readonly text?: string };

interface Expected {
	readonly both?: string;
	readonly buildkit?: string;
	readonly classic?: string;
	readonly old?: string;
	readonly containerd?: string;
	readonly open?: readonly number[];
	readonly openOnContainerd?: readonly number[];
	readonly only?: Mutation['only'];
	readonly prepare?: Prepare;
}

/** Line 1 is FROM, line 2 a COPY that makes the build its own. */
export const head = [`FROM ${baseImage}`, 'COPY seed /seed'];

const tree: Readonly<Record<string, LabFile>> = { 'a.txt': 'hello', 'dir/': '', 'dir/b.txt': 'bbb', 'dir/c.txt': 'ccc' };
const copyDir = ['COPY dir /dir', 'WORKDIR /end'];
const passwd = 'one:x:1:1::/:/bin/sh\ntwo:x:2:2::/:/bin/sh\n';
const group = 'one:x:1:\ntwo:x:2:\n';

function mutation(name: string, before: Given, after: Given | readonly Given[], expected: Expected = {}): Mutation {
	const given = [before, ...Array.isArray(after) ? after as readonly Given[] : [after as Given]];
	const states = given.map((state, at): LabState => {
		const whole = { ...before, ...state, ...(at > 0 && (state.lines ?? state.text) === undefined ? { lines: before.lines, text: before.text } : {}) };
		return {
			dockerfile: whole.text ?? [...head, ...whole.lines ?? copyDir, ''].join('\n'),
			files: whole.files ?? tree,
			...(whole.options === undefined ? {} : { options: whole.options }),
		};
	});
	const { both, buildkit = both, classic = both, old = buildkit, containerd = buildkit, open = [], openOnContainerd = open, only, prepare } = expected;
	return { name, states, buildkit, classic, old, containerd, open, openOnContainerd, only, prepare };
}

const without = (name: string, files = tree): Readonly<Record<string, LabFile>> => Object.fromEntries(Object.entries(files).filter(([path]) => path !== name));
const args = (buildArgs: Readonly<Record<string, string>>): { readonly options: Partial<BuildOptions> } => ({ options: { buildArgs } });

const files: readonly Mutation[] = [
	mutation('nothing', {}, {}),
	mutation('content, same size', {}, { files: { ...tree, 'dir/b.txt': 'BBB' } }, { both: '3 filesChanged ~dir/b.txt (1)' }),
	mutation('content, other size', {}, { files: { ...tree, 'dir/b.txt': 'longer' } }, { both: '3 filesChanged ~dir/b.txt (1)' }),
	mutation('mtime of a file', {}, { files: { ...tree, 'dir/b.txt': { data: 'bbb', mtime: new Date(0) } } }),
	mutation('mtime of a folder', {}, { files: { ...tree, 'dir/': { mtime: new Date(0) } } }),
	mutation('mode to executable', {}, { files: { ...tree, 'dir/b.txt': { data: 'bbb', mode: 0o755 } } }, { both: '3 filesChanged mode dir/b.txt (1)' }),
	mutation('mode for the group', {}, { files: { ...tree, 'dir/b.txt': { data: 'bbb', mode: 0o664 } } }, { both: '3 filesChanged mode dir/b.txt (1)' }),
	mutation('mode of a folder', {}, { files: { ...tree, 'dir/': { mode: 0o700 } } }, { both: '3 filesChanged mode dir (1)' }),
	mutation('rename', {}, { files: { ...without('dir/b.txt'), 'dir/z.txt': 'bbb' } }, { both: '3 filesChanged +dir/z.txt -dir/b.txt (2)' }),
	mutation('add', {}, { files: { ...tree, 'dir/new.txt': 'n' } }, { both: '3 filesChanged +dir/new.txt (1)' }),
	mutation('add below', {}, { files: { ...tree, 'dir/sub/new.txt': 'n' } }, { both: '3 filesChanged +dir/sub +dir/sub/new.txt (2)' }),
	mutation('add an empty folder', {}, { files: { ...tree, 'dir/empty/': '' } }, { both: '3 filesChanged +dir/empty (1)' }),
	mutation('delete', {}, { files: without('dir/b.txt') }, { both: '3 filesChanged -dir/b.txt (1)' }),
	mutation('swap two contents', {}, { files: { ...tree, 'dir/b.txt': 'ccc', 'dir/c.txt': 'bbb' } }, { both: '3 filesChanged ~dir/b.txt ~dir/c.txt (2)' }),
	mutation('file becomes folder', {}, { files: { ...without('dir/b.txt'), 'dir/b.txt/': '' } }, { both: '3 filesChanged ~dir/b.txt (1)' }),
	mutation('file becomes link', {}, { files: { ...tree, 'dir/b.txt': { link: 'c.txt' } } }, { both: '3 filesChanged ~dir/b.txt (1)' }),
	mutation('target of a link', { files: { ...tree, 'dir/l': { link: 'b.txt' } } }, { files: { ...tree, 'dir/l': { link: 'c.txt' } } }, { both: '3 filesChanged ~dir/l (1)' }),
	mutation('target of a link to nowhere', { files: { ...tree, 'dir/l': { link: 'no' } } }, { files: { ...tree, 'dir/l': { link: 'none' } } }, { buildkit: '3 filesChanged ~dir/l (1)' }),
	mutation('a link as source, to another file with the same content',
		{ lines: ['COPY l /l', 'WORKDIR /end'], files: { ...tree, l: { link: 'x' }, x: '1', y: '1' } },
		{ files: { ...tree, l: { link: 'y' }, x: '1', y: '1' } }, { classic: '3 filesChanged +y -x (2)' }),
	mutation('a link as source, to another content',
		{ lines: ['COPY l /l', 'WORKDIR /end'], files: { ...tree, l: { link: 'x' }, x: '1', y: '2' } },
		{ files: { ...tree, l: { link: 'y' }, x: '1', y: '2' } }, { buildkit: '3 filesChanged ~l (1)', classic: '3 filesChanged +y -x (2)' }),
	mutation('a folder through a link', { lines: ['COPY l /l', 'WORKDIR /end'], files: { ...tree, l: { link: 'dir' } } }, { files: { ...tree, l: { link: 'dir' }, 'dir/b.txt': 'BBB' } }, { buildkit: '3 filesChanged ~l/b.txt (1)', classic: '3 filesChanged ~dir/b.txt (1)' }),
	mutation('a hard link instead of a file', {}, { files: { ...without('dir/c.txt'), 'dir/c.txt': { hardLink: 'dir/b.txt' } } }, { both: '3 filesChanged ~dir/c.txt (1)' }),
	mutation('a file that no line takes', {}, { files: { ...tree, 'other.txt': 'n' } }),
	mutation('an ignored file', { lines: ['COPY . /all', 'WORKDIR /end'], files: { ...tree, '.dockerignore': '*.log' } }, { files: { ...tree, '.dockerignore': '*.log', 'new.log': 'n' } }),
	mutation('an ignored folder', { files: { ...tree, '.dockerignore': 'dir/cache', 'dir/cache/x': '1' } }, { files: { ...tree, '.dockerignore': 'dir/cache', 'dir/cache/x': '2', 'dir/cache/y': '' } }),
	mutation('.dockerignore where COPY . takes it', { lines: ['COPY . /all', 'WORKDIR /end'], files: { ...tree, '.dockerignore': '*.log' } }, { files: { ...tree, '.dockerignore': '*.log\n*.tmp' } }, { both: '3 filesChanged ~.dockerignore (1)' }),
	mutation('.dockerignore where it ignores itself', { lines: ['COPY . /all', 'WORKDIR /end'], files: { ...tree, '.dockerignore': '*.log\n.dockerignore' } }, { files: { ...tree, '.dockerignore': '*.log\n*.tmp\n.dockerignore' } }),
	mutation('.dockerignore takes a file out', { files: { ...tree, '.dockerignore': '*.log' } }, { files: { ...tree, '.dockerignore': '*.log\ndir/c.txt' } }, { both: '3 filesChanged -dir/c.txt (1)' }),
	mutation('the Dockerfile within COPY .', { lines: ['COPY . /all', 'WORKDIR /end'] }, { lines: ['COPY . /all', '# comment', 'WORKDIR /end'] }, { both: '3 filesChanged ~Dockerfile (1)' }),
	mutation('the Dockerfile ignored', { lines: ['COPY . /all', 'WORKDIR /end'], files: { ...tree, '.dockerignore': 'Dockerfile' } }, { lines: ['COPY . /all', '# comment', 'WORKDIR /end'] }, { buildkit: '3 filesChanged ~Dockerfile (1)' }),
	mutation('a pattern finds more', { lines: ['COPY dir/*.txt /dir/', 'WORKDIR /end'] }, { files: { ...tree, 'dir/new.txt': 'n' } }, { both: '3 filesChanged +dir/new.txt (1)' }),
	mutation('a pattern finds as before', { lines: ['COPY dir/*.txt /dir/', 'WORKDIR /end'] }, { files: { ...tree, 'dir/new.md': 'n' } }),
	mutation('a pattern finds another name', { lines: ['COPY a* /dir/', 'WORKDIR /end'] }, { files: { ...without('a.txt'), 'a.md': 'hello' } }, { both: '3 filesChanged +a.md -a.txt (2)' }),
	mutation('a pattern finds folders', { lines: ['COPY d* /dir/', 'WORKDIR /end'] }, { files: { ...tree, 'dir/b.txt': 'BBB' } }, { both: '3 filesChanged ~dir/b.txt (1)' }),
	mutation('back to old content', {}, [{ files: { ...tree, 'dir/b.txt': 'BBB' } }, { files: tree }]),
];

const source: readonly Mutation[] = [
	mutation('source of another name with the same bytes', { lines: ['COPY a.txt /x', 'WORKDIR /end'], files: { ...tree, 'a2.txt': 'hello' } }, { lines: ['COPY a2.txt /x', 'WORKDIR /end'] }, { buildkit: '3 text was COPY a.txt /x (line 3)', classic: '3 filesChanged +a2.txt -a.txt (2)' }),
	mutation('source of the same name elsewhere', { lines: ['COPY a.txt /x', 'WORKDIR /end'], files: { ...tree, 'dir/a.txt': 'hello' } }, { lines: ['COPY dir/a.txt /x', 'WORKDIR /end'] }, { classic: '3 filesChanged +dir/a.txt -a.txt (2)' }),
	mutation('source spelled otherwise', { lines: ['COPY a.txt /x', 'WORKDIR /end'] }, { lines: ['COPY ./a.txt /x', 'WORKDIR /end'] }),
	mutation('folder with a slash', {}, { lines: ['COPY dir/ /dir', 'WORKDIR /end'] }),
	mutation('destination', {}, { lines: ['COPY dir /other', 'WORKDIR /end'] }, { both: '3 text was COPY dir /dir (line 3)' }),
	mutation('destination with a slash', {}, { lines: ['COPY dir /dir/', 'WORKDIR /end'] }, { both: '3 text was COPY dir /dir (line 3)' }),
	mutation('destination relative', { lines: ['WORKDIR /w', 'COPY a.txt /w/a'] }, { lines: ['WORKDIR /w', 'COPY a.txt a'] }, { classic: '4 text was COPY a.txt /w/a (line 4)' }),
	mutation('COPY to ADD', {}, { lines: ['ADD dir /dir', 'WORKDIR /end'] }, { both: '3 text was COPY dir /dir (line 3)' }),
	mutation('JSON form', {}, { lines: ['COPY ["dir", "/dir"]', 'WORKDIR /end'] }),
	mutation('another file', { lines: ['COPY a.txt dir/b.txt /x/', 'WORKDIR /end'] }, { lines: ['COPY a.txt dir/c.txt /x/', 'WORKDIR /end'] }, { buildkit: '3 text was COPY a.txt dir/b.txt /x/ (line 3)', classic: '3 filesChanged +dir/c.txt -dir/b.txt (2)' }),
	mutation('order of sources', { lines: ['COPY a.txt dir/b.txt /x/', 'WORKDIR /end'] }, { lines: ['COPY dir/b.txt a.txt /x/', 'WORKDIR /end'] }, { both: '3 text was COPY a.txt dir/b.txt /x/ (line 3)' }),
	mutation('--chown', { lines: ['COPY --chown=1 dir /dir', 'WORKDIR /end'] }, { lines: ['COPY --chown=2 dir /dir', 'WORKDIR /end'] }, { both: '3 text was COPY --chown=1 dir /dir (line 3)' }),
	mutation('--chmod', { lines: ['COPY --chmod=600 a.txt /x', 'WORKDIR /end'] }, { lines: ['COPY --chmod=644 a.txt /x', 'WORKDIR /end'] }, { buildkit: '3 text was COPY --chmod=600 a.txt /x (line 3)', only: 'buildkit' }),
	mutation('--chmod spelled otherwise', { lines: ['COPY --chmod=644 a.txt /x', 'WORKDIR /end'] }, { lines: ['COPY --chmod=0644 a.txt /x', 'WORKDIR /end'] }, { only: 'buildkit' }),
	mutation('--link', {}, { lines: ['COPY --link dir /dir', 'WORKDIR /end'] }, { containerd: '3 text was COPY dir /dir (line 3)', only: 'newBuildkit' }),
	mutation('a heredoc\'s body in COPY', { lines: ['COPY <<E /x', 'one', 'E', 'WORKDIR /end'] }, { lines: ['COPY <<E /x', 'two', 'E', 'WORKDIR /end'] }, { buildkit: '3 text was COPY <<E /x\none\nE (line 3)', only: 'newBuildkit' }),
];

const text: readonly Mutation[] = [
	mutation('comment', {}, { lines: ['# comment', ...copyDir] }),
	mutation('blank lines and white space', {}, { lines: ['', '   COPY   dir    /dir  ', '', 'WORKDIR   /end   '] }),
	mutation('case of the keyword', {}, { lines: ['copy dir /dir', 'Workdir /end'] }),
	mutation('white space within RUN', { lines: ['RUN echo one'] }, { lines: ['RUN echo  one'] }, { both: '3 text was RUN echo one (line 3)' }),
	mutation('continuation', { lines: ['RUN echo one'] }, { lines: ['RUN echo \\', ' one'] }, { both: '3 text was RUN echo one (line 3)' }),
	mutation('comment within a continuation', { lines: ['RUN echo \\', ' one'] }, { lines: ['RUN echo \\', '# comment', ' one'] }),
	mutation('exec form of the same command', { lines: ['RUN echo one'] }, { lines: ['RUN ["/bin/sh", "-c", "echo one"]'] }),
	mutation('exec form of another command', { lines: ['RUN ["echo", "one"]'] }, { lines: ['RUN ["echo", "two"]'] }, { both: '3 text was RUN ["echo", "one"] (line 3)' }),
	mutation('a heredoc\'s body', { lines: ['RUN <<E', 'echo one', 'E'] }, { lines: ['RUN <<E', 'echo two', 'E'] }, { buildkit: '3 text was RUN <<E\necho one\nE (line 3)', only: 'newBuildkit' }),
	mutation('a heredoc\'s name', { lines: ['RUN <<E', 'echo one', 'E'] }, { lines: ['RUN <<F', 'echo one', 'F'] }, { only: 'newBuildkit' }),
	mutation('reorder', { lines: ['COPY a.txt /a', 'COPY dir /dir', 'RUN true'] }, { lines: ['COPY dir /dir', 'COPY a.txt /a', 'RUN true'] }, { both: '3 text was COPY a.txt /a (line 3)' }),
	mutation('insert', {}, { lines: ['COPY a.txt /a', ...copyDir] }, { both: '3 text was COPY dir /dir (line 3)' }),
	mutation('delete', { lines: ['COPY a.txt /a', ...copyDir] }, { lines: copyDir }, { both: '3 text was COPY a.txt /a (line 3)' }),
	mutation('append', {}, { lines: [...copyDir, 'RUN echo more'] }, { both: '5 neverBuilt' }),
	mutation('the whole Dockerfile with another line end', {}, { text: `${[...head, ...copyDir].join('\r\n')}\r\n` }),
];

const metadata: readonly Mutation[] = ([
	['LABEL', 'LABEL a=1', 'LABEL a=2'], ['EXPOSE', 'EXPOSE 80', 'EXPOSE 81'], ['ENTRYPOINT', 'ENTRYPOINT ["a"]', 'ENTRYPOINT ["b"]'],
	['HEALTHCHECK', 'HEALTHCHECK CMD a', 'HEALTHCHECK CMD b'], ['VOLUME', 'VOLUME /a', 'VOLUME /b'], ['STOPSIGNAL', 'STOPSIGNAL 1', 'STOPSIGNAL 2'],
	['MAINTAINER', 'MAINTAINER a', 'MAINTAINER b'], ['ONBUILD', 'ONBUILD RUN a', 'ONBUILD RUN b'],
] as const).map(([keyword, before, after]) => mutation(keyword, { lines: [before, 'RUN true'] }, { lines: [after, 'RUN true'] }, { classic: `3 text was ${before} (line 3)` }));

const config: readonly Mutation[] = [
	...metadata,
	mutation('CMD only', { lines: [...copyDir, 'CMD ["a"]'] }, { lines: [...copyDir, 'CMD ["b"]'] }, { classic: '5 text was CMD ["a"] (line 5)' }),
	mutation('CMD in exec form', { lines: [...copyDir, 'CMD a'] }, { lines: [...copyDir, 'CMD ["/bin/sh", "-c", "a"]'] }),
	mutation('LABEL inserted', {}, { lines: ['LABEL a=1', ...copyDir] }, { classic: '3 text was COPY dir /dir (line 3)' }),
	mutation('SHELL', { lines: ['SHELL ["/bin/sh", "-c"]', 'RUN true'] }, { lines: ['SHELL ["/bin/sh", "-ec"]', 'RUN true'] }, { buildkit: '4 shell was ["/bin/sh","-c"], is ["/bin/sh","-ec"] (line 3)', classic: '3 text was SHELL ["/bin/sh", "-c"] (line 3)' }),
	mutation('USER', { lines: ['COPY passwd group /etc/', 'USER 1', 'RUN true'], files: { passwd, group } }, { lines: ['COPY passwd group /etc/', 'USER 2', 'RUN true'] }, { buildkit: '5 user was 1, is 2 (line 4)', classic: '4 text was USER 1 (line 4)' }),
	mutation('USER before COPY', { lines: ['USER 1', 'COPY dir /dir'] }, { lines: ['USER 2', 'COPY dir /dir'] }, { classic: '3 text was USER 1 (line 3)' }),
	mutation('WORKDIR', { lines: ['WORKDIR /a', 'RUN true'] }, { lines: ['WORKDIR /b', 'RUN true'] }, { both: '3 text was WORKDIR /a (line 3)' }),
	mutation('WORKDIR to the root', { lines: ['RUN true'] }, { lines: ['WORKDIR /', 'RUN true'] }, { classic: '3 text was RUN true (line 3)' }),
	mutation('ENV', { lines: ['ENV A=1', 'RUN true'] }, { lines: ['ENV A=2', 'RUN true'] }, { buildkit: '4 environmentChanged A: 1 → 2', classic: '3 text was ENV A=1 (line 3)' }),
	mutation('ENV quoted', { lines: ['ENV A=1', 'RUN true'] }, { lines: ['ENV A="1"', 'RUN true'] }),
	mutation('ENV in its old form', { lines: ['ENV A=1', 'RUN true'] }, { lines: ['ENV A 1', 'RUN true'] }),
	mutation('ENV before COPY only', { lines: ['ENV A=1', 'COPY dir /dir'] }, { lines: ['ENV A=2', 'COPY dir /dir'] }, { classic: '3 text was ENV A=1 (line 3)' }),
	mutation('ENV expanded by COPY', { lines: ['ENV A=1', 'COPY dir /$A'] }, { lines: ['ENV A=2', 'COPY dir /$A'] }, { buildkit: '4 environmentChanged A: 1 → 2', classic: '3 text was ENV A=1 (line 3)' }),
	mutation('order of ENV', { lines: ['ENV A=1', 'ENV B=2', 'RUN true'] }, { lines: ['ENV B=2', 'ENV A=1', 'RUN true'] }, { buildkit: '5 environmentChanged B: 2 → 2', classic: '3 text was ENV A=1 (line 3)' }),
];

const argument: readonly Mutation[] = [
	mutation('ARG used', { lines: ['ARG V', 'RUN echo $V'], ...args({ V: '1' }) }, args({ V: '2' }), { both: '4 argumentChanged V: 1 → 2' }),
	mutation('ARG unused', { lines: ['ARG V', 'COPY a.txt /a', 'RUN true'], ...args({ V: '1' }) }, args({ V: '2' }), { both: '5 argumentChanged V: 1 → 2' }),
	mutation('ARG before COPY only', { lines: ['ARG V', 'COPY dir /dir', 'WORKDIR /w'], ...args({ V: '1' }) }, args({ V: '2' })),
	mutation('ARG given and not', { lines: ['ARG V', 'RUN true'] }, args({ V: '2' }), { both: '4 argumentChanged V: undefined → 2' }),
	mutation('default of ARG', { lines: ['ARG V=1', 'RUN true'] }, { lines: ['ARG V=2', 'RUN true'] }, { buildkit: '4 argumentChanged V: 1 → 2', classic: '3 text was ARG V=1 (line 3)' }),
	mutation('ARG given as its default', { lines: ['ARG V=1', 'RUN true'] }, args({ V: '1' })),
	mutation('ARG not declared', {}, args({ V: '1' })),
	mutation('ARG expanded by COPY', { lines: ['ARG V=1', 'COPY dir /$V'] }, args({ V: '2' }), { both: '4 argumentChanged V: 1 → 2' }),
	mutation('ARG expanded by ENV', { lines: ['ARG V=1', 'ENV A=$V', 'RUN true'] }, args({ V: '2' }), { buildkit: '5 argumentChanged V: 1 → 2', classic: '4 argumentChanged V: 1 → 2' }),
	mutation('ARG hidden by ENV', { lines: ['ARG V=1', 'ENV V=x', 'RUN true'] }, args({ V: '2' })),
	mutation('ENV hidden by ARG', { lines: ['ENV V=x', 'ARG V=1', 'RUN true'] }, args({ V: '2' }), { buildkit: '5 argumentChanged V: 1 → 2' }),
	mutation('secret ARG', { lines: ['ARG TOKEN', 'RUN true'], ...args({ TOKEN: 'first secret' }) }, args({ TOKEN: 'second secret' }), { both: '4 argumentChanged TOKEN: hmac → hmac' }),
	mutation('ARG before FROM, unused', { text: ['ARG V=1', ...head, 'RUN true', ''].join('\n') }, args({ V: '2' })),
	mutation('ARG before FROM, taken over', { text: ['ARG V=1', ...head, 'ARG V', 'RUN true', ''].join('\n') }, args({ V: '2' }), { both: '5 argumentChanged V: 1 → 2' }),
	mutation('proxy, not declared', { lines: ['RUN true'] }, args({ HTTP_PROXY: 'http://127.0.0.1:9' }), { classic: '3 argumentChanged HTTP_PROXY: undefined → http://127.0.0.1:9' }),
	mutation('proxy, not declared, another value', { lines: ['RUN true'], ...args({ HTTP_PROXY: 'http://127.0.0.1:8' }) }, args({ HTTP_PROXY: 'http://127.0.0.1:9' })),
	mutation('proxy, declared', { lines: ['ARG HTTP_PROXY', 'RUN true'], ...args({ HTTP_PROXY: 'http://127.0.0.1:8' }) }, args({ HTTP_PROXY: 'http://127.0.0.1:9' }), { both: '4 argumentChanged HTTP_PROXY: http://127.0.0.1:8 → http://127.0.0.1:9' }),
	mutation('TARGETARCH declared', { lines: ['RUN true'] }, { lines: ['ARG TARGETARCH', 'RUN true'] }, { buildkit: '4 argumentChanged TARGETARCH: undefined → amd64', classic: '3 text was RUN true (line 3)' }),
	mutation('order of ARG', { lines: ['ARG A=1', 'ARG B=2', 'RUN true'] }, { lines: ['ARG B=2', 'ARG A=1', 'RUN true'] }, { buildkit: '5 argumentChanged B: 2 → 2', classic: '3 text was ARG A=1 (line 3)' }),
];

const two = (first: readonly string[], second: readonly string[], name = 'src'): string =>
	[`FROM ${baseImage} AS ${name}`, 'COPY seed /seed', ...first, `FROM ${baseImage}`, 'COPY seed /OWN', ...second, ''].join('\n');
const out = (value: string, note: string): string[] => [`RUN echo ${value} > /out; : ${note}`];
const take = ['COPY --from=src /out /out', 'WORKDIR /end'];

const stage: readonly Mutation[] = [
	mutation('name of a stage', { text: two(out('1', 'a'), take) }, { text: two(out('1', 'a'), take.map(line => line.replace('src', 'other')), 'other') }),
	mutation('a source stage with another result', { text: two(out('1', 'a'), take) }, { text: two(out('2', 'a'), take) }, { both: '3 text was RUN echo 1 > /out; : a (line 3)', open: [6, 7] }),
	mutation('a source stage with the same result', { text: two(out('1', 'a'), take) }, { text: two(out('1', 'b'), take) }, { both: '3 text was RUN echo 1 > /out; : a (line 3)', open: [6, 7] }),
	mutation('a source stage with the same result, again', { text: two(out('1', 'a'), take) }, [{ text: two(out('1', 'b'), take) }, { text: two(out('1', 'b'), take) }]),
	mutation('a source stage with the same result, then another end', { text: two(out('1', 'a'), take) }, [{ text: two(out('1', 'b'), take) }, { text: two(out('1', 'a'), [take[0]!, 'RUN echo end']) }, { text: two(out('1', 'b'), [take[0]!, 'RUN echo end']) }]),
	mutation('a source stage back again', { text: two(out('1', 'a'), take) }, [{ text: two(out('2', 'a'), take) }, { text: two(out('1', 'a'), take) }]),
	mutation('a stage that is not read', { text: two(['COPY a.txt /a'], ['COPY dir /dir']) }, { files: { ...tree, 'a.txt': 'changed' } }, { classic: '3 filesChanged ~a.txt (1)' }),
	mutation('both stages begin alike', { text: [...head, ...copyDir, ...head, ...copyDir, 'RUN echo two', ''].join('\n') }, { files: { ...tree, 'dir/b.txt': 'BBB' } }, { buildkit: '7 filesChanged ~dir/b.txt (1)', classic: '3 filesChanged ~dir/b.txt (1)' }),
	mutation('a stage upon a stage', { text: [`FROM ${baseImage} AS one`, 'COPY seed /seed', 'COPY a.txt /a', 'FROM one', 'RUN true', ''].join('\n') }, { files: { ...tree, 'a.txt': 'changed' } }, { both: '3 filesChanged ~a.txt (1)' }),
	mutation('ENV of a stage below', { text: [`FROM ${baseImage} AS one`, 'COPY seed /seed', 'ENV A=1', 'FROM one', 'RUN true', ''].join('\n') }, { text: [`FROM ${baseImage} AS one`, 'COPY seed /seed', 'ENV A=2', 'FROM one', 'RUN true', ''].join('\n') }, { buildkit: '5 environmentChanged A: 1 → 2', classic: '3 text was ENV A=1 (line 3)' }),
	mutation('what is taken of a stage', { text: two(['COPY a.txt /out', 'COPY a.txt /x/out'], take) }, { text: two(['COPY a.txt /out', 'COPY a.txt /x/out'], ['COPY --from=src /x/out /out', 'WORKDIR /end']) }, { classic: '7 text was COPY --from=src /out /out (line 7)', open: [7, 8] }),
	mutation('target', { text: two(out('1', 'a'), take) }, { options: { target: 'src' } }),
	mutation('target widened', { text: two(out('1', 'a'), take), options: { target: 'src' } }, { options: {} }, { both: '5 neverBuilt' }),
	mutation('a file of an image', { lines: [`COPY --from=${baseImage} /bin/busybox /b`, 'RUN true'] }, {}),
	mutation('another file of an image', { lines: [`COPY --from=${baseImage} /bin/busybox /b`, 'RUN true'] }, { lines: [`COPY --from=${baseImage} /bin/sh /b`, 'RUN true'] }, { buildkit: '3 text was COPY --from=strata-test/base:1 /bin/busybox /b (line 3)', open: [3, 4] }),
];

const options: readonly Mutation[] = [
	mutation('network', { lines: ['RUN true'] }, { options: { network: 'none' } }, { buildkit: '3 network was host, is none (line 3)' }),
	mutation('network without RUN', { lines: ['COPY dir /dir'] }, { options: { network: 'none' } }),
	mutation('platform as it is', {}, { options: { platform: 'linux/amd64' } }),
	mutation('no cache', {}, { options: { noCache: true } }, { both: '2 noCache' }),
	mutation('no cache, WORKDIR first', { text: [`FROM ${baseImage}`, 'WORKDIR /first', 'WORKDIR /second', 'COPY seed /seed', ...copyDir, ''].join('\n') }, { options: { noCache: true } }, { buildkit: '4 noCache', classic: '2 noCache' }),
	mutation('after no cache', {}, [{ options: { noCache: true } }, { options: {} }]),
	mutation('after a shorter build without cache', {}, [{ options: { noCache: true }, lines: ['COPY dir /dir'] }, { lines: copyDir }], { classic: '4 neverBuilt' }),
	mutation('tag', {}, { options: { tags: ['strata-test/cache-tag:1'] } }),
	mutation('label', {}, { options: { labels: { a: '1' } } }),
];

const mount: readonly Mutation[] = [
	mutation('file of a bind mount', { lines: ['RUN --mount=type=bind,source=a.txt,target=/a cat /a'] }, { files: { ...tree, 'a.txt': 'changed' } }, { buildkit: '3 filesChanged ~a.txt (1)', only: 'buildkit' }),
	mutation('mtime in a bind mount', { lines: ['RUN --mount=type=bind,target=/c ls /c'] }, { files: { ...tree, 'a.txt': { data: 'hello', mtime: new Date(0) } } }, { only: 'buildkit' }),
	mutation('new file in a bind mount', { lines: ['RUN --mount=type=bind,target=/c ls /c'] }, { files: { ...tree, n: 'n' } }, { buildkit: '3 filesChanged +n (1)', only: 'buildkit' }),
	mutation('file outside of a bind mount', { lines: ['RUN --mount=type=bind,source=dir,target=/c ls /c'] }, { files: { ...tree, n: 'n' } }, { only: 'buildkit' }),
	mutation('target of a bind mount', { lines: ['RUN --mount=type=bind,source=dir,target=/c true'] }, { lines: ['RUN --mount=type=bind,source=dir,target=/d true'] }, { buildkit: '3 text was RUN --mount=type=bind,source=dir,target=/c true (line 3)', only: 'buildkit' }),
	mutation('id of a cache mount', { lines: ['RUN --mount=type=cache,id=strata-test-1,target=/c true'] }, { lines: ['RUN --mount=type=cache,id=strata-test-2,target=/c true'] }, { old: '3 text was RUN --mount=type=cache,id=strata-test-1,target=/c true (line 3)', only: 'buildkit' }),
	mutation('target of a cache mount', { lines: ['RUN --mount=type=cache,id=strata-test-1,target=/c true'] }, { lines: ['RUN --mount=type=cache,id=strata-test-1,target=/d true'] }, { buildkit: '3 text was RUN --mount=type=cache,id=strata-test-1,target=/c true (line 3)', only: 'buildkit' }),
	mutation('tmpfs', { lines: ['RUN true'] }, { lines: ['RUN --mount=type=tmpfs,target=/t true'] }, { buildkit: '3 text was RUN true (line 3)', only: 'buildkit' }),
	mutation('stage mounted, with another result', { text: two(out('1', 'a'), ['RUN --mount=from=src,source=/out,target=/o cat /o']) }, { text: two(out('2', 'a'), ['RUN --mount=from=src,source=/out,target=/o cat /o']) }, { buildkit: '3 text was RUN echo 1 > /out; : a (line 3)', open: [6], only: 'buildkit' }),
	mutation('stage mounted, with the same result', { text: two(out('1', 'a'), ['RUN --mount=from=src,source=/out,target=/o cat /o']) }, { text: two(out('1', 'b'), ['RUN --mount=from=src,source=/out,target=/o cat /o']) }, { buildkit: '3 text was RUN echo 1 > /out; : a (line 3)', open: [6], only: 'buildkit' }),
];

/** `BASE`, `SEED` and `URL` stand for what the test puts there. */
const outside: readonly Mutation[] = [
	mutation('base retagged to other files', { text: 'FROM BASE\nCOPY seed /seed\nRUN true\n' }, {}, { prepare: 'retagOther', both: '2 baseChanged' }),
	mutation('base retagged to another label', { text: 'FROM BASE\nCOPY seed /seed\nRUN true\n' }, {}, { prepare: 'retagLabel', classic: '2 baseChanged', openOnContainerd: [2, 3] }),
	mutation('base retagged to another environment', { text: 'FROM BASE\nCOPY seed /seed\nRUN true\n' }, {}, { prepare: 'retagEnv', openOnContainerd: [2, 3], buildkit: '3 environmentChanged BASE_ENV: undefined → 1', classic: '2 baseChanged' }),
	mutation('the same base by another tag', { text: 'FROM BASE\nCOPY seed /seed\nRUN true\n' }, { text: `FROM ${baseImage}\nCOPY seed /seed\nRUN true\n` }, { prepare: 'sameTag' }),
	mutation('a file that a base\'s trigger takes', { text: 'FROM BASE\nRUN true\n' }, { files: { ...tree, 'a.txt': 'changed' } }, { prepare: 'onbuild', both: '2 filesChanged ~a.txt (1)' }),
	mutation('nothing that a base\'s trigger takes', { text: 'FROM BASE\nRUN true\n' }, { files: { ...tree, other: 'new' } }, { prepare: 'onbuild' }),
	mutation('the cache is pruned', { text: `FROM ${baseImage}\nRUN : SEED\nCOPY dir /dir\n` }, {}, { prepare: 'prune', both: '2 cachePruned' }),
	mutation('the cache of a stage is pruned whose files are there', { text: `FROM ${baseImage} AS one\nRUN echo SEED > /x\nRUN true\nFROM ${baseImage}\nCOPY --from=one /x /x\nRUN true\n` }, {}, { prepare: 'prune', only: 'buildkit', containerd: '2 cachePruned', openOnContainerd: [5, 6] }),
	mutation('a URL as it was', { lines: ['ADD URL /f', 'RUN true'] }, {}, { prepare: 'url', open: [3, 4] }),
	mutation('a URL with new content', { lines: ['ADD URL /f', 'RUN true'] }, {}, { prepare: 'newUrl', open: [3, 4], both: '3 remoteChanged URL' }),
];

export const mutations: readonly Mutation[] = [files, source, text, config, argument, stage, options, mount, outside].flat();
