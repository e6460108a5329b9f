import assert from 'node:assert/strict';
import { LogTails } from '../../../src/core/build/logTails';

describe('LogTails', () => {
	it('keeps the end of each vertex\'s output, as plain text', () => {
		const tails = new LogTails();
		say(tails, 'a', '\u001b[31mred\u001b[0m\n');
		say(tails, 'b', 'other\n');
		say(tails, 'a', '10%\r100%\n');
		assert.equal(tails.of(['a']), 'red\n100%');
		assert.equal(tails.of(['c']), undefined);
	});

	it('keeps little of much', () => {
		const tails = new LogTails();
		for (let at = 0; at < 5000; at++) {
			say(tails, 'a', `line ${at}\n`);
		}
		const lines = tails.of(['a'])!.split('\n');
		assert.deepEqual([lines.length, lines.at(-1)], [60, 'line 4999']);
	});

	it('knows the step under way where output names none', () => {
		const tails = new LogTails();
		tails.take({ kind: 'step', index: 0, total: 2, text: 'RUN a', at: 1 });
		say(tails, undefined, 'first\n');
		tails.take({ kind: 'step', index: 1, total: 2, text: 'RUN b', at: 1 });
		say(tails, undefined, 'second\n');
		assert.equal(tails.of([]), 'second');
	});
});

function say(tails: LogTails, vertex: string | undefined, text: string): void {
	tails.take({ kind: 'log', vertex, stream: 'out', data: Buffer.from(text), at: 1 });
}
