import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import type { ResolvedDockerfile } from '../../../src/core/dockerfile/resolved';
import { drawn, lines, textAt } from './draw';
import { assertLinear } from '../../support/assertLinear';

describe('parseDockerfile', () => {
	const cases: readonly (readonly [what: string, text: string, model: readonly string[]])[] = [
		['stages, and what comes before them', lines('ARG V=1', 'FROM a:$V AS One', 'run x', '', '# c', 'FROM one'), [
			'1 - | ARG V=1', '2 #0 | FROM a:$V AS One', '3 #0 | RUN x', '6 #1 | FROM one',
		]],
		['continuations join without a space; comments and blank lines inside go', lines('FROM a', 'RUN x \\', '  # c', '', '  && y\\', 'z', 'RUN w'), [
			'1 #0 | FROM a', '2-6 #0 | RUN x   && yz', '7 #0 | RUN w',
		]],
		['white space may follow the escape character', 'FROM a\nRUN x \\ \t\n y\n', ['1 #0 | FROM a', '2-3 #0 | RUN x  y']],
		['a doubled escape character ends the line', lines('FROM a', 'RUN x\\\\', 'RUN y'), ['1 #0 | FROM a', '2 #0 | RUN x\\\\', '3 #0 | RUN y']],
		['a continuation at the end of the file', 'FROM a\nRUN x \\', ['1 #0 | FROM a', '2 #0 | RUN x']],
		['a keyword may come after a continuation', lines('FROM a', '\\', '  RUN x'), ['1 #0 | FROM a', '2-3 #0 | RUN x']],
		['the other escape character', lines('# escape=`', 'FROM a', 'RUN x `', ' y\\', 'RUN z'), ['2 #0 | FROM a', '3-4 #0 | RUN x  y\\', '5 #0 | RUN z']],
		['CRLF and a byte order mark', '\uFEFF# escape=`\r\nFROM a\r\nRUN x `\r\n y\r\n', ['2 #0 | FROM a', '3-4 #0 | RUN x  y']],
		['a lone CR ends no line', 'FROM a\rRUN x\n', ['1 #0 | FROM a\rRUN x', '! invalidFrom a\rRUN x']],
		['flags, quoted and repeated', lines('FROM --platform=$P a', 'RUN --mount=type=cache,target=/c --mount="type=bind,target=/b b" --network=none x --y',
			'COPY --from=0 --link --exclude=*.md --exclude=x a b'), [
			'1 #0 | FROM --platform=$P a | --platform = $P',
			'2 #0 | RUN --mount=type=cache,target=/c --mount="type=bind,target=/b b" --network=none x --y'
			+ ' | --mount = type=cache,target=/c, --mount = type=bind,target=/b b, --network = none',
			'3 #0 | COPY --from=0 --link --exclude=*.md --exclude=x a b | --from = 0, --link, --exclude = *.md, --exclude = x',
		]],
		['a lone -- ends the flags', lines('FROM a', 'RUN -- --x'), ['1 #0 | FROM a', '2 #0 | RUN -- --x']],
		['the JSON form, only where it is one', lines('FROM a', 'CMD ["a", "b c"]', 'RUN [ -f x ] && y', 'HEALTHCHECK --interval=5s CMD ["a"]', 'VOLUME ["/a b"]'), [
			'1 #0 | FROM a', '2 #0 | CMD ["a", "b c"] | json ["a","b c"]', '3 #0 | RUN [ -f x ] && y',
			'4 #0 | HEALTHCHECK --interval=5s CMD ["a"] | --interval = 5s, json ["a"]', '5 #0 | VOLUME ["/a b"] | json ["/a b"]',
		]],
		['heredocs: several, quoted, tabs dropped', lines('FROM a', 'COPY <<A <<-"B" /d/', '$x', 'A', '\t\ty', '\tB', 'RUN <<EOF bash', 'RUN no', 'EOF', 'RUN z'), [
			'1 #0 | FROM a', '2-6 #0 | COPY <<A <<-"B" /d/ | heredoc A "$x\\n", heredoc -B quoted "y\\n"',
			'7-9 #0 | RUN <<EOF bash | heredoc EOF "RUN no\\n"', '10 #0 | RUN z',
		]],
		['heredocs: only in RUN, COPY, ADD and their triggers, never in quotes or JSON', lines(
			'FROM a', 'CMD cat <<E', 'RUN echo "<<E"', 'RUN ["<<E"]', 'RUN cat <<<E', 'ONBUILD RUN <<E', 'x', 'E'), [
			'1 #0 | FROM a', '2 #0 | CMD cat <<E', '3 #0 | RUN echo "<<E"', '4 #0 | RUN ["<<E"] | json ["<<E"]', '5 #0 | RUN cat <<<E',
			'6-8 #0 | ONBUILD RUN <<E | heredoc E "x\\n", trigger RUN(<<E)',
		]],
		['a heredoc after continued lines', lines('FROM a', 'RUN a && \\', '  b <<E', 'x', 'E'), ['1 #0 | FROM a', '2-5 #0 | RUN a &&   b <<E | heredoc E "x\\n"']],
		['a heredoc without an end takes the rest', lines('FROM a', 'RUN <<E', 'x', 'FROM b'), [
			'1 #0 | FROM a', '2-4 #0 | RUN <<E | heredoc E "x\\nFROM b\\n"', '! unterminatedHeredoc E',
		]],
		['triggers', lines('FROM a', 'ONBUILD COPY --from=x . /a'), ['1 #0 | FROM a', '2 #0 | ONBUILD COPY --from=x . /a | trigger COPY(. /a)']],
		['empty', '', ['! empty']],
		['only comments', '# a\n\n  # b', ['! empty']],
		['only ARG', 'ARG a', ['1 - | ARG a', '! noFrom']],
		['an instruction before the first FROM', lines('RUN x', 'FROM a'), ['1 - | RUN x', '2 #0 | FROM a', '! noFrom RUN']],
		['no instruction', lines('FROM a', 'foo bar'), ['1 #0 | FROM a', '2 #0 | FOO bar', '! unknownInstruction FOO']],
	];
	for (const [what, text, model] of cases) {
		it(what, () => { assert.deepEqual(drawn(text), model); });
	}

	const refused: readonly (readonly [instruction: string, problem: string])[] = [
		['COPY a', 'missingArguments COPY'], ['ENV', 'missingArguments ENV'], ['ENV A', 'missingArguments ENV'], ['ENV A=1 B', 'invalidArguments B'],
		['ENV =1', 'invalidArguments =1'], ['LABEL a', 'missingArguments LABEL'], ['WORKDIR', 'missingArguments WORKDIR'], ['SHELL []', 'missingArguments SHELL'],
		['SHELL sh -c', 'invalidJson sh -c'], ['CMD ["a", 1]', 'invalidJson ["a", 1]'], ['COPY --form=x a b', 'unknownFlag --form'],
		['COPY --from a b', 'invalidArguments --from'], ['COPY --from=x --from=y a b', 'invalidArguments --from'], ['COPY --link=maybe a b', 'invalidArguments --link'],
		['HEALTHCHECK PING x', 'invalidArguments PING'], ['HEALTHCHECK CMD', 'missingArguments HEALTHCHECK'], ['HEALTHCHECK NONE x', 'invalidArguments x'],
		['ONBUILD', 'missingArguments ONBUILD'], ['ONBUILD ONBUILD RUN x', 'invalidArguments ONBUILD'], ['ONBUILD FROM x', 'invalidArguments FROM'],
		['ONBUILD COPY a', 'missingArguments COPY'], ['FROM', 'invalidFrom'], ['FROM a b', 'invalidFrom a b'], ['FROM a AS 1x', 'invalidFrom 1x'],
		['COPY a <<E\nE', 'invalidArguments <<E'], ['FROM a AS x\nFROM b AS X', 'duplicateStage X'],
	];
	for (const [instruction, problem] of refused) {
		it(`reports ${JSON.stringify(instruction)}`, () => {
			assert.deepEqual(drawn(`FROM scratch\n${instruction}\n`).filter(row => row.startsWith('!')), [`! ${problem}`]);
		});
	}

	it('takes what the frontend takes', () => {
		const text = lines('FROM a', 'RUN', 'CMD', 'CMD []', 'ENTRYPOINT []', 'HEALTHCHECK NONE', 'ARG A B=1', 'LABEL a b', 'COPY ["a b", "c"]', 'EXPOSE 80 81/udp');
		assert.deepEqual(parseDockerfile(text).problems, []);
	});

	it('reads parser directives at the very top only', () => {
		const directives = (text: string): unknown => parseDockerfile(text).directives.map(({ name, value }) => `${name}=${value}`);
		assert.deepEqual(directives('#Syntax = x/y:1 \n# ESCAPE=`\n  # check=skip=all\n# c\n# syntax=z\nFROM a'), ['syntax=x/y:1', 'escape=`', 'check=skip=all']);
		assert.deepEqual(directives('\n# escape=`\nFROM a'), []);
		assert.deepEqual(directives('# c\n# escape=`\nFROM a'), []);
		assert.deepEqual(directives('# unknown=1\n# escape=`\nFROM a'), []);
		assert.deepEqual(drawn('# escape=x\nFROM a'), ['2 #0 | FROM a', '! invalidDirective x']);
		assert.deepEqual(drawn('# escape=`\n# escape=`\nFROM a'), ['3 #0 | FROM a', '! invalidDirective escape']);
	});

	it('knows where instructions and flags stand', () => {
		const text = lines('\uFEFF  FROM a', 'COPY --from=x \\', '  # c', '\t--chown="1\\', '2" a \\', ' b', 'ONBUILD RUN --network=none <<E', 'x', 'E');
		const [from, copy, onBuild] = parseDockerfile(text).instructions;
		assert.equal(textAt(text, from!.range), 'FROM a');
		assert.equal(textAt(text, copy!.range), 'COPY --from=x \\\n  # c\n\t--chown="1\\\n2" a \\\n b');
		assert.deepEqual(copy!.flags.map(flag => textAt(text, flag.range)), ['--from=x', '--chown="1\\\n2"']);
		assert.equal(textAt(text, onBuild!.trigger!.range), 'RUN --network=none <<E\nx\nE');
		assert.deepEqual(onBuild!.trigger!.flags.map(flag => textAt(text, flag.range)), ['--network=none']);
	});

	it('labels stages as the engine prints them', () => {
		const { stages } = parseDockerfile(lines('FROM a AS Build', 'FROM b', 'RUN x'));
		assert.deepEqual(stages, [
			{ index: 0, name: 'Build', label: 'build', base: 'a', instructions: [0] },
			{ index: 1, name: undefined, label: 'stage-1', base: 'b', instructions: [1, 2] },
		]);
	});

	it('finds binary content', () => {
		assert.deepEqual(drawn('\x7fELF\0\0\n'), ['1 - | \x7fELF\0\0', '! unknownInstruction \x7fELF\0\0', '! noFrom \x7fELF\0\0', '! binary']);
	});

	const sample = lines('# syntax=docker/dockerfile:1', 'ARG V=3', 'FROM --platform=$BUILDPLATFORM alpine:${V:-x} AS build', 'ENV A=1 B="x y" \\', '    C=\'z\'',
		'RUN --mount=type=cache,target=/c apk add \\', '    # note', '    x y', 'COPY --from=0 --chown=1:1 ["a b", "/c/"]', 'COPY <<-"E" <<F /d/', '\tx', '\tE', '$A', 'F',
		'ONBUILD RUN <<E', 'x', 'E', 'HEALTHCHECK --interval=5s CMD x', 'WORKDIR a', 'CMD ["x"]', 'FROM build', 'EXPOSE 80 $P');

	const piece = fc.constantFrom('\n', '\r', '\r\n', '\\', '`', '\0', '#', '<<', '<<-E', '"', '\'', '$', '${', '}', '[', ']', '--', '=', '\t', ' ', '\u2028', '\uFEFF',
		'😀', '# escape=`\n', 'FROM ', 'ONBUILD ', 'ARG ', '${A//', ':-', 'COPY --from=1 ', '--mount=type=bind,from=x');
	const edit = fc.record({ at: fc.nat(sample.length), remove: fc.nat(9), insert: fc.oneof(piece, fc.string({ unit: 'binary' })) });

	it('never throws, and its ranges lie within the text, whatever is done to a Dockerfile', () => {
		fc.assert(fc.property(fc.array(edit, { maxLength: 12 }), fc.boolean(), (edits, crlf) => {
			let text = crlf ? sample.replaceAll('\n', '\r\n') : sample;
			for (const { at, remove, insert } of edits) {
				text = text.slice(0, at) + insert + text.slice(at + remove);
			}
			const dockerfile = parseDockerfile(text);
			const rows = text.split('\n');
			const isWithin = ({ line, character }: { line: number; character: number }): boolean =>
				character >= 0 && character <= (rows[line] ?? assert.fail(`no line ${line}`)).length;
			for (const [index, instruction] of dockerfile.instructions.entries()) {
				const { range, line, endLine, flags } = instruction;
				assert.equal(instruction.index, index);
				assert.ok(line > (dockerfile.instructions[index - 1]?.endLine ?? 0) && endLine >= line);
				for (const { start, end } of [range, ...flags.map(flag => flag.range)]) {
					assert.ok(isWithin(start) && isWithin(end));
					assert.ok(start.line < end.line || (start.line === end.line && start.character <= end.character));
				}
			}
			const result = resolveDockerfile(dockerfile, { target: 'build', platform: 'linux/amd64' });
			assert.equal(result.instructions.length, dockerfile.instructions.length);
			assert.ok(result.stages.every(({ index, dependsOn }) => dependsOn.every(other => other < index)));
		}), { numRuns: 500 });
	});

	const options = { platform: 'linux/amd64', buildArgs: { V: '4' } };

	it('reads a text the same whatever it takes over from an earlier one', () => {
		let taken = 0;
		fc.assert(fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), fc.boolean(), (edits, crlf) => {
			let text = crlf ? sample.replaceAll('\n', '\r\n') : sample;
			let before = parseDockerfile(text);
			let resolvedBefore = resolveDockerfile(before, options);
			for (const { at, remove, insert } of edits) {
				text = text.slice(0, at) + insert + text.slice(at + remove);
				const now = parseDockerfile(text, before);
				assert.deepEqual(now, parseDockerfile(text));
				resolvedBefore = resolveDockerfile(now, options, resolvedBefore);
				assert.deepEqual(meaning(resolvedBefore), meaning(resolveDockerfile(parseDockerfile(text), options)));
				taken += now.instructions.filter(instruction => before.instructions.includes(instruction)).length;
				before = now;
			}
		}), { numRuns: 30 });
		assert.ok(taken > 300, `${taken} instructions taken over`);
	});

	/** What it says with the build's arguments, and what its variables are. */
	function meaning({ instructions, stages, problems, target, needed }: ResolvedDockerfile): unknown {
		return [instructions.map(({ env, args, variables, ...rest }) => ({ ...rest, env: env.all(), args: args.all(), variables: variables.all() })), stages.map(({ triggers, ...rest }) => ({ ...rest, triggers: triggers.length })), problems, target, needed];
	}

	it('is linear: hostile lines and many of them cost little', () => {
		const hostile: readonly ((size: number) => string)[] = [
			size => sample.repeat(size / 80), size => `FROM a\nRUN ${'x \\\n'.repeat(size)}`, size => `FROM a\nRUN ${'<<E '.repeat(size)}\n`, size => `FROM a\nENV ${'A=$A '.repeat(size / 4)}\n`,
			size => `FROM a\nENV A=${'${A:-'.repeat(size)}\n`, size => `${'ONBUILD '.repeat(size * 10)}\n`, size => `FROM a\nENV P=${'a'.repeat(size)} Q=\${P##${'*a'.repeat(200)}b}\n`,
		];
		for (const of of hostile) {
			assertLinear(1600, size => { resolveDockerfile(parseDockerfile(of(size)), {}); });
		}
	});
});
