import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ExpandOptions } from '../../../src/core/dockerfile/expand';
import { expand } from '../../../src/core/dockerfile/expand';

const values: Readonly<Record<string, string>> = {
	A: 'a', EMPTY: '', TWO: 'x  y', PATH_: '/usr/bin:/bin', FILE: 'foo/bar/baz.tar.gz', STAR: 'a***yy*', é: 'e',
};
const lookup = (name: string): string | undefined => Object.hasOwn(values, name) ? values[name] : undefined;
const done = (word: string, options: Partial<ExpandOptions> = {}): string => {
	const { text, error } = expand(word, lookup, { escape: '\\', ...options });
	return error === undefined ? text : `! ${[error.kind, error.subject, error.message].filter(Boolean).join(' ')}`;
};

describe('expand', () => {
	const table: readonly (readonly [source: string, result: string])[] = [
		['$A', 'a'], ['${A}b', 'ab'], ['$Ab', ''], ['$A.b', 'a.b'], ['$é', 'e'], ['$NO', ''], ['$', '$'], ['$.', '$.'], ['$1x', 'x'], ['$$', ''], ['$@@', '@'],
		['\'$A\'', '$A'], ['"$A"', 'a'], ['"\'$A\'"', '\'a\''], ['\\$A', '$A'], ['"\\$A"', '$A'], ['\'\\$A\'', '\\$A'], ['\\\\$A', '\\a'], ['a\\tb', 'atb'], ['"a\\tb"', 'a\\tb'], ['a\\', 'a'],
		['${NO:-d}', 'd'], ['${NO-d}', 'd'], ['${EMPTY:-d}', 'd'], ['${EMPTY-d}', ''], ['${A:-d}', 'a'], ['${NO:-$A}', 'a'], ['${NO:-${NEITHER:-z}}', 'z'], ['${NO:-"x y"}', 'x y'],
		['${A:+s}', 's'], ['${EMPTY:+s}', ''], ['${EMPTY+s}', 's'], ['${NO+s}', ''], ['${A:?e}', 'a'], ['${EMPTY?e}', ''],
		['${NO:?e $A}', '! required NO e a'], ['${EMPTY:?}', '! required EMPTY'], ['${NO?e}', '! required NO e'],
		['${FILE#*/}', 'bar/baz.tar.gz'], ['${FILE##*/}', 'baz.tar.gz'], ['${FILE%.*}', 'foo/bar/baz.tar'], ['${FILE%%.*}', 'foo/bar/baz'], ['${FILE#?oo}', '/bar/baz.tar.gz'],
		['${FILE#bar}', 'foo/bar/baz.tar.gz'], ['${FILE/bar/x}', 'foo/x/baz.tar.gz'], ['${FILE//\\//-}', 'foo-bar-baz.tar.gz'], ['${FILE//a?/.}', 'foo/b./b..t..gz'], ['${FILE//o/}', 'f/bar/baz.tar.gz'],
		['${STAR%%\\**\\*}', 'a'], ['${FILE///}', 'foo/bar/baz.tar.gz'], ['${A/*/x$A}', 'xa'],
		['${}', '! badSubstitution }'], ['${:-x}', '! badSubstitution :'], ['${{A}}', '! badSubstitution {'], ['${A', '! unsupportedModifier'], ['${A:-x', '! missingBrace }'], ['${', '! missingBrace }'],
		['${A=x}', '! unsupportedModifier ='], ['${A:=x}', '! unsupportedModifier :='], ['${A:#x}', '! unsupportedModifier :#'], ['${A/x}', '! missingBrace /'], ['${A#\\x}', '! invalidPattern \\x'],
		['\'a', '! missingQuote \''], ['"a', '! missingQuote "'],
	];
	for (const [source, result] of table) {
		it(`${source} → ${result}`, () => { assert.equal(done(source), result); });
	}

	it('uses the escape character of the file', () => {
		assert.equal(done('`$A C:\\x', { escape: '`' }), '$A C:\\x');
	});

	it('splits into words after the replacement, quotes kept together', () => {
		assert.deepEqual(expand('a$TWO "b $TWO" c\\ d  \'\'', lookup, { escape: '\\' }).words, ['ax', 'y', 'b x  y', 'c d']);
	});

	it('keeps what it is asked to keep', () => {
		assert.equal(done('"$A" $NO ${NO:-x} \\$A', { keepUnset: true, rawQuotes: true, rawEscapes: true }), '"a" $NO ${NO:-x} \\$A');
		assert.equal(done('it\'s $A "', { ignoreQuotes: true }), 'it\'s a "');
	});

	it('names what has neither a value nor a default', () => {
		assert.deepEqual(expand('$X ${Y} $X ${Z:-d} ${W#a} $A', lookup, { escape: '\\' }).unset, ['X', 'Y', 'W']);
	});

	it('leaves text without anything special alone', () => {
		fc.assert(fc.property(fc.string().filter(text => !/[$'"<\\`]/.test(text)), text => { assert.equal(done(text), text); }));
	});
});
