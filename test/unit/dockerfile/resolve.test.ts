import assert from 'node:assert/strict';
import type { ResolvedInstruction, ResolveOptions } from '../../../src/core/dockerfile/resolved';
import { drawnProblem, lines, resolved, texts } from './draw';

const classic: ResolveOptions = { builder: 'classic' };

/** The last instruction of a Dockerfile, resolved. */
function last(text: string, options: ResolveOptions = {}): ResolvedInstruction {
	return resolved(text, options).instructions.at(-1)!;
}

/** `stage ← what it reads`, then the target and what it needs. */
function graph(text: string, options: ResolveOptions = {}): readonly string[] {
	const { stages, target, needed, problems } = resolved(text, options);
	return [
		...stages.map(({ index, base, baseStage, dependsOn }) => `${index} ${base}${baseStage === undefined ? '' : ` (${baseStage})`} ← ${dependsOn.join(' ')}`.trim()),
		`target ${String(target)} needs ${[...needed].sort().join(' ')}`.trim(),
		...problems.map(drawnProblem),
	];
}

describe('resolveDockerfile: variables', () => {
	it('keeps global ARGs for FROM, until a stage asks for them', () => {
		const text = lines('ARG V=1 W=[$V]', 'FROM a:$V', 'LABEL v=$V', 'ARG V', 'ARG W=own', 'LABEL v=$V w=$W');
		assert.deepEqual(texts(text), ['ARG V=1 W=[1]', 'FROM a:1', 'LABEL v=', 'ARG V', 'ARG W=own', 'LABEL v=1 w=own']);
		assert.deepEqual(texts(text, { buildArgs: { V: '2', W: 'w' } }).slice(-1), ['LABEL v=2 w=w']);
	});

	it('gives a build argument only to those who declare it', () => {
		assert.equal(last(lines('FROM a', 'LABEL x=$X'), { buildArgs: { X: '1' } }).text, 'LABEL x=');
		assert.equal(last(lines('FROM a', 'ARG X', 'LABEL x=$X'), { buildArgs: { X: '1' } }).text, 'LABEL x=1');
	});

	it('knows the platform in FROM, and in a stage that declares it', () => {
		const text = lines('FROM --platform=$BUILDPLATFORM a-$TARGETARCH', 'LABEL a=$TARGETARCH', 'ARG TARGETARCH TARGETVARIANT', 'LABEL a=$TARGETARCH$TARGETVARIANT');
		const options = { platform: 'linux/arm64/v8', buildPlatform: 'linux/amd64' };
		assert.deepEqual(texts(text, options), ['FROM --platform=linux/amd64 a-arm64', 'LABEL a=', 'ARG TARGETARCH TARGETVARIANT', 'LABEL a=arm64v8']);
		assert.equal(resolved(text, options).stages[0]!.platform, 'linux/amd64');
		assert.equal(texts(text, { ...options, ...classic })[3], 'LABEL a=');
	});

	it('expands one ENV with the values before it, and LABEL, in either form', () => {
		assert.deepEqual(texts(lines('FROM a', 'ENV A=1', 'ENV A=2 B=$A C="x $A" D=\'$A\'', 'ENV E b  $A "c"', 'LABEL l=$B$C')),
			['FROM a', 'ENV A=1', 'ENV A=2 B=1 C=x 1 D=$A', 'ENV E=b  2 c', 'LABEL l=1x 1']);
	});

	it('expands one ARG name after name with BuildKit, all at once with the classic builder', () => {
		const text = lines('FROM a', 'ARG A=1 B=[$A]', 'LABEL b=$B');
		assert.equal(last(text).text, 'LABEL b=[1]');
		assert.equal(last(text, classic).text, 'LABEL b=[]');
	});

	it('lets the later of ARG and ENV win with BuildKit, ENV with the classic builder', () => {
		const argLast = lines('FROM a', 'ENV X=env', 'ARG X=arg', 'LABEL x=$X');
		const envLast = lines('FROM a', 'ARG X=arg', 'ENV X=env', 'LABEL x=$X');
		assert.deepEqual([argLast, envLast].map(text => last(text).text), ['LABEL x=arg', 'LABEL x=env']);
		assert.deepEqual([argLast, envLast].map(text => last(text, classic).text), ['LABEL x=env', 'LABEL x=env']);
		const { env, args, variables } = last(argLast, { buildArgs: { X: 'given' } });
		assert.deepEqual({ env: env.all(), args: args.all(), variables: variables.all() }, { env: { X: 'env' }, args: { X: 'given' }, variables: { X: 'given' } });
	});

	it('hands a stage on to those that start from it; ARGs with BuildKit only', () => {
		const text = lines('FROM a AS One', 'ARG X=arg', 'ENV E=env', 'WORKDIR /w', 'USER u', 'SHELL ["bash", "-c"]', 'FROM one', 'LABEL l=$X$E');
		const { workdir, user, shell } = last(text);
		assert.deepEqual({ workdir, user, shell }, { workdir: '/w', user: 'u', shell: ['bash', '-c'] });
		assert.equal(last(text).text, 'LABEL l=argenv');
		assert.equal(last(text, classic).text, 'LABEL l=env');
	});

	it('leaves RUN, CMD and ENTRYPOINT as they are written', () => {
		assert.deepEqual(texts(lines('FROM a', 'ENV X=1', 'RUN echo $X  "$Y"', 'CMD echo $X', 'ENTRYPOINT ["$X"]')).slice(2), ['RUN echo $X  "$Y"', 'CMD echo $X', 'ENTRYPOINT ["$X"]']);
	});

	it('expands words and flags where the frontend does', () => {
		const text = lines('FROM a', 'ENV X="1 2" P=8080', 'COPY --chown=$P --exclude=$P "$X" /a\\ b/$P', 'EXPOSE $X $P/udp', 'VOLUME ["/$X", "/b"]', 'USER $P:$P', 'STOPSIGNAL SIG$P');
		const { instructions } = resolved(text);
		assert.deepEqual(instructions.slice(2).map(({ words }) => words),
			[['1 2', '/a', 'b/8080'], ['1', '2', '8080/udp'], ['/1 2', '/b'], ['8080:8080'], ['SIG8080']]);
		assert.deepEqual(instructions[2]!.flags, { chown: ['8080'], exclude: ['$P'] });
		assert.equal(instructions[4]!.text, 'VOLUME ["/1 2","/b"]');
	});

	it('expands the heredocs of COPY unless they are quoted, never those of RUN', () => {
		const { instructions } = resolved(lines('FROM a', 'ENV X=1', 'COPY <<A <<"B" /d/', 'it\'s $X', 'A', '$X', 'B', 'RUN <<E', '$X', 'E'));
		assert.deepEqual(instructions.slice(2).map(({ heredocs }) => heredocs), [['it\'s 1\n', '$X\n'], ['$X\n']]);
		assert.deepEqual(instructions[2]!.words, ['<<A', '<<"B"', '/d/']);
	});

	it('names variables without a value, and refused substitutions', () => {
		const { instructions, problems } = resolved(lines('FROM a', 'ENV A=$B${C:-c}$D', 'LABEL x=${E', 'ENV F=${G:?no}'));
		assert.deepEqual(instructions.map(({ unset }) => unset), [[], ['B', 'D'], [], []]);
		assert.deepEqual(problems.map(drawnProblem), ['! invalidSubstitution', '! invalidSubstitution G']);
		assert.equal(instructions[2]!.text, 'LABEL x=${E');
	});

	it('takes names from a Dockerfile for names only', () => {
		assert.equal(last(lines('FROM a', 'LABEL x=$constructor$__proto__')).text, 'LABEL x=');
		assert.equal(last(lines('FROM a', 'ENV __proto__=p', 'LABEL x=$__proto__')).text, 'LABEL x=p');
	});
});

describe('resolveDockerfile: directories, bases and triggers', () => {
	it('follows WORKDIR, which makes a step unless it is the root', () => {
		const { instructions } = resolved(lines('FROM a', 'WORKDIR b', 'WORKDIR c/../d/', 'WORKDIR ../..', 'WORKDIR /', 'WORKDIR $X/e', 'RUN x', 'ENV y=1'));
		assert.deepEqual(instructions.map(({ workdir }) => workdir), ['/', '/', '/b', '/b/d', '/', '/', '/e', '/e']);
		assert.deepEqual(instructions.map(({ layer }) => layer), [false, true, true, false, false, true, true, false]);
	});

	const base = { env: { PATH: '/bin', X: 'base' }, workdir: '/home', user: 'me', shell: ['ash', '-c'], onBuild: ['COPY --from=tools . $X', 'ENV X=trigger'] };

	it('starts from what is known of the base image', () => {
		const { stages, instructions } = resolved(lines('FROM tool AS tools', 'FROM base:1', 'WORKDIR src', 'LABEL x=$X'), { bases: { 'base:1': base } });
		assert.deepEqual(stages.map(({ isBaseKnown }) => isBaseKnown), [false, true]);
		assert.deepEqual(stages[1]!.triggers.map(({ text, source, workdir }) => [text, source, workdir]),
			[['COPY --from=tools . base', { kind: 'stage', stage: 0 }, '/home'], ['ENV X=trigger', undefined, '/home']]);
		assert.deepEqual(stages[1]!.triggers.map(({ instruction: { index, line, stage } }) => [index, line, stage]), [[1, 2, 1], [1, 2, 1]]);
		assert.deepEqual(stages[1]!.dependsOn, [0]);
		const { workdir, user, shell, text, env } = instructions[3]!;
		assert.deepEqual({ workdir, user, shell, text, env: env.all() }, { workdir: '/home/src', user: 'me', shell: ['ash', '-c'], text: 'LABEL x=trigger', env: { PATH: '/bin', X: 'trigger' } });
	});

	it('runs the triggers of a stage in those that start from it, once', () => {
		const { stages, instructions } = resolved(lines('FROM a AS a', 'ONBUILD ENV Q=$P', 'FROM a AS b', 'LABEL q=$Q', 'FROM b', 'LABEL q=$Q'));
		assert.deepEqual(stages.map(({ triggers }) => triggers.map(({ text }) => text)), [[], ['ENV Q='], []]);
		assert.deepEqual(instructions[5]!.env.all(), { Q: '' });
	});

	it('gives a scratch stage the PATH that BuildKit gives it', () => {
		assert.match(last(lines('FROM scratch', 'RUN x')).env.get('PATH')!, /^\/usr\/local\/sbin:.*:\/bin$/);
		assert.deepEqual(last(lines('FROM scratch', 'RUN x'), classic).env.all(), {});
	});
});

describe('resolveDockerfile: stages', () => {
	it('follows FROM, COPY --from by name and index, and mounts', () => {
		assert.deepEqual(graph(lines('FROM a AS One', 'FROM b', 'COPY --from=ONE x y', 'FROM c AS unused', 'FROM one AS last', 'COPY --from=1 x y', 'RUN --mount=from=one,target=/m x')),
			['0 a ←', '1 b ← 0', '2 c ←', '3 one (0) ← 0 1', 'target 3 needs 0 1 3']);
	});

	it('builds up to a target by its name; the classic builder does not skip', () => {
		const text = lines('FROM a AS one', 'FROM b', 'FROM c AS Two', 'FROM d');
		assert.deepEqual(graph(text, { target: 'tWO' }).slice(4), ['target 2 needs 2']);
		assert.deepEqual(graph(text, { target: 'two', ...classic }).slice(4), ['target 2 needs 0 1 2']);
	});

	it('refuses a target that is an index, a label or nothing', () => {
		for (const target of ['0', 'stage-0', 'x']) {
			assert.deepEqual(graph(lines('FROM a'), { target }), ['0 a ←', 'target undefined needs', `! unknownTarget ${target}`]);
		}
	});

	it('refuses what reads itself, a circle, a later stage or an index that is none', () => {
		assert.deepEqual(graph(lines('FROM a AS a', 'COPY --from=a x y')), ['0 a ←', 'target 0 needs 0', '! stageCycle a']);
		assert.deepEqual(graph(lines('FROM x AS a', 'COPY --from=b x y', 'FROM a AS b')).slice(2), ['target 1 needs 0 1', '! stageCycle b']);
		assert.deepEqual(graph(lines('FROM x AS a', 'RUN --mount=from=b x', 'FROM x AS b')).slice(2), ['target 1 needs 1', '! unknownStage b']);
		assert.deepEqual(graph(lines('FROM x', 'COPY --from=3 x y')).slice(1), ['target 0 needs 0', '! unknownStage 3']);
	});

	it('takes any other name for an image', () => {
		const { instructions } = resolved(lines('FROM a AS a', 'FROM b', 'COPY --from=nginx:1 x y', 'COPY --from=$V x y', 'ADD x y', 'RUN --mount=from=0,target=/m x'));
		assert.deepEqual(instructions.slice(2).map(({ source, mounts }) => source ?? mounts[0]!.from),
			[{ kind: 'image', reference: 'nginx:1' }, { kind: 'image', reference: '$V' }, { kind: 'context' }, { kind: 'image', reference: '0' }]);
	});

	it('means by a repeated name the last one in --from, the last one before it in FROM', () => {
		assert.deepEqual(graph(lines('FROM x AS a', 'FROM a AS a', 'FROM a', 'COPY --from=a x y')), ['0 x ←', '1 a (0) ← 0', '2 a (1) ← 1', 'target 2 needs 0 1 2']);
	});

	it('reads mounts', () => {
		const { mounts, unset } = last(lines('FROM a', 'ENV D=deep', 'WORKDIR /w',
			'RUN --mount=target=src,rw --mount=type=cache,id=$D,dst=/c/$D,sharing=locked --mount=type=tmpfs,target=/t --mount="type=secret,id=s,env=A" --mount=type=what x $NO'));
		assert.deepEqual(mounts, [
			{ type: 'bind', target: '/w/src', source: undefined, from: { kind: 'context' }, options: { rw: 'true', target: 'src' } },
			{ type: 'cache', target: '/c/deep', source: undefined, from: undefined, options: { dst: '/c/deep', id: 'deep', sharing: 'locked', type: 'cache' } },
			{ type: 'tmpfs', target: '/t', source: undefined, from: undefined, options: { target: '/t', type: 'tmpfs' } },
			{ type: 'secret', target: undefined, source: undefined, from: undefined, options: { env: 'A', id: 's', type: 'secret' } },
		]);
		assert.deepEqual(unset, []);
	});
});
