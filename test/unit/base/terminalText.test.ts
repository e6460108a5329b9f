import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plainText, TerminalFilter } from '../../../src/core/base/terminalText';
import { assertLinear } from '../../support/assertLinear';

const bytes = (text: string) => new TextEncoder().encode(text);
const filtered = (...chunks: string[]) => {
	const filter = new TerminalFilter();
	return chunks.map(chunk => filter.push(bytes(chunk))).join('') + filter.end();
};

describe('TerminalFilter', () => {
	for (const [what, text, expected] of [
		['keeps colours', '\x1b[91mred\x1b[0m', '\x1b[91mred\x1b[0m'],
		['keeps 24-bit colours', '\x1b[38:2:1:2:3mx', '\x1b[38:2:1:2:3mx'],
		['keeps a progress bar on its line', '10%\r20%\x1b[K', '10%\r20%\x1b[K'],
		['makes line feeds whole', 'a\nb\r\nc', 'a\r\nb\r\nc'],
		['drops a window title', '\x1b]0;owned\x07text', 'text'],
		['drops a clipboard write', '\x1b]52;c;cm0gLXJm\x1b\\text', 'text'],
		['drops a link', '\x1b]8;;file:///etc/passwd\x1b\\click\x1b]8;;\x1b\\', 'click'],
		['drops a device string', '\x1bP+q544e\x1b\\text', 'text'],
		['drops cursor moves and clearing', '\x1b[2J\x1b[1;1H\x1b[5Atext', 'text'],
		['drops questions to the terminal', '\x1b[c\x1b[6n\x1b[>qtext', 'text'],
		['drops modes and the other screen', '\x1b[?1049h\x1b[?25ltext', 'text'],
		['drops a reset', '\x1bctext', 'text'],
		['drops one-byte forms of the same', '\x9b2J\x9d0;title\x9ctext', 'text'],
		['drops bells and backspaces', 'a\x07\x08b\x00', 'ab'],
	] as const) {
		it(what, () => { assert.equal(filtered(text), expected); });
	}

	it('ends a line once, also where a sequence or a cut stands between its return and its feed', () => {
		assert.equal(filtered('a\r', '\nb'), 'a\r\nb');
		assert.equal(filtered('a\r\x1b', '\nb'), 'a\r\nb');
		assert.equal(filtered('a\r', '\r\nb'), 'a\r\r\nb');
	});

	it('says the same however the stream is cut', () => {
		fc.assert(fc.property(
			fc.array(fc.constantFrom('\x1b', '[', ']', '0;', 'm', '\x07', '\\', 'a', '\r', '\n', 'é', '漢', 'P', '2J', '\x9b'), { maxLength: 30 }),
			fc.nat(), (parts, at) => {
				const whole = bytes(parts.join(''));
				const cut = whole.length === 0 ? 0 : at % whole.length;
				const filter = new TerminalFilter();
				const pieces = filter.push(whole.subarray(0, cut)) + filter.push(whole.subarray(cut)) + filter.end();
				const once = new TerminalFilter();
				assert.equal(pieces, once.push(whole) + once.end());
			}));
	});

	it('lets nothing but colour and line rewriting through', () => {
		fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, two) => {
			const out = filtered(`${one}\x1b]0;`, `${two}\x1b[`, two);
			assert.doesNotMatch(out.replace(/\x1b\[[0-9;:]*[mKG]/g, ''), /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/);
		}));
	});

	it('forgets a sequence that never ends', () => {
		const filter = new TerminalFilter();
		filter.push(bytes(`\x1b]0;${'x'.repeat(10_000)}`));
		assert.equal(filter.push(bytes('text')), 'text');
	});
});

describe('TerminalFilter under attack', () => {
	it('walks a text once, however it is made', () => {
		assertLinear(4000, count => {
			new TerminalFilter().push(bytes(`${'\x1bPx'.repeat(count)}\x07${'\x1b['.repeat(count)}`));
		});
	});
});

describe('plainText', () => {
	it('keeps the words only', () => {
		assert.equal(plainText('\x1b[91mError\x1b[0m: \x1b]0;t\x07no\r\n10%\r100%\r\nend'), 'Error: no\n100%\nend');
	});
});
