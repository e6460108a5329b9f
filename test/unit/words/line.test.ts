import assert from 'node:assert/strict';
import type { LineFacts } from '../../../src/core/lineFacts';
import { failureMessage, warningCode, warningMessage } from '../../../src/words/complaints';
import { lineHover, lineSentence, lineTitle } from '../../../src/words/line';
import { codeBlock, codeSpan, escapeMarkdown } from '../../../src/words/markdown';
import { english } from '../../../src/words/translate';

const all = { sizes: true, times: true, outcomes: true };

describe('lineTitle', () => {
	it('says size, time and outcome of what ran', () => {
		assert.equal(title({ outcome: 'ran', size: bytes(43_100_000), durationMs: 12_400 }), '43.1 MB · 12.4 s · ran');
		assert.equal(title({ outcome: 'cached', size: bytes(43_100_000) }), '43.1 MB · cached');
		assert.equal(title({ outcome: 'ran', size: bytes(0), durationMs: 300 }), '0 B · 0.3 s · ran');
		assert.equal(title({ outcome: 'failed', durationMs: 2000 }), '2.0 s · failed');
		assert.equal(title({ outcome: 'notRun' }), 'not run');
	});

	it('says how a line ended that never came to its end, not that it has to run again', () => {
		const forecast = { kind: 'miss', reason: { kind: 'neverBuilt' } } as const;
		assert.equal(title({ outcome: 'failed', durationMs: 2000, forecast }), '2.0 s · failed');
		assert.equal(title({ outcome: 'notRun', forecast }), 'not run');
		assert.equal(title({ outcome: 'failed', durationMs: 2000, stale: 'changed', forecast }), 'was 2.0 s · will rebuild · new');
	});

	it('says only what is known', () => {
		assert.equal(title({ outcome: undefined, source: 'history', size: bytes(12) }), '12 B');
		assert.equal(title({ outcome: undefined, source: 'history' }), '');
		assert.equal(title({ outcome: undefined, source: undefined }), '');
	});

	it('leaves config in peace', () => {
		assert.equal(title({ keyword: 'ENV', outcome: 'metadata', size: bytes(0) }), '');
		assert.equal(title({ keyword: 'CMD', outcome: undefined, source: 'history', size: bytes(0) }), '');
		assert.equal(title({ keyword: 'ENV', outcome: 'metadata', stale: 'changed' }), '');
		assert.equal(title({ keyword: 'EXPOSE', outcome: 'pending' }), '');
		assert.equal(title({ keyword: 'LABEL', outcome: 'cached', durationMs: undefined }), 'cached', 'the classic builder caches these too');
	});

	it('tells what was from what is', () => {
		assert.equal(title({ outcome: 'ran', size: bytes(43_100_000), durationMs: 12_400, stale: 'changed' }), 'was 43.1 MB · 12.4 s · edited since');
		assert.equal(title({ outcome: 'cached', size: bytes(7), stale: 'dependsOnChanged' }), 'was 7 B · depends on an edit');
		assert.equal(title({ outcome: 'notRun', stale: 'changed' }), 'edited since');
		assert.equal(title({ source: undefined, outcome: undefined, stale: 'changed' }), '', 'a line being written gets no lens');
	});

	it('shows the parts that are wanted', () => {
		const facts = line({ outcome: 'ran', size: bytes(5), durationMs: 1000 });
		assert.equal(lineTitle(facts, { ...all, times: false }, english), '5 B · ran');
		assert.equal(lineTitle(facts, { ...all, sizes: false }, english), '1.0 s · ran');
		assert.equal(lineTitle(facts, { ...all, outcomes: false }, english), '5 B · 1.0 s');
		assert.equal(lineTitle(facts, { sizes: false, times: false, outcomes: false }, english), '');
	});

	it('adds up a stage over its FROM', () => {
		const from = (stageTotal: LineFacts['stageTotal']): string => title({ keyword: 'FROM', outcome: 'metadata', stageName: 'tools', stageTotal });
		assert.equal(from({ bytes: 45_000_000, partial: false, durationMs: 14_000, inFinalImage: true, stale: false }), 'stage total 45 MB · 14.0 s');
		assert.equal(from({ bytes: 45_000_000, partial: true, durationMs: undefined, inFinalImage: false, stale: false }), 'stage tools: at least 45 MB, not in the image');
		assert.equal(from({ bytes: undefined, partial: true, durationMs: undefined, inFinalImage: true, stale: false }), '');
		assert.equal(from({ bytes: 7, partial: false, durationMs: undefined, inFinalImage: true, stale: true }), 'stage total was 7 B');
		assert.equal(from({ bytes: 436_000_000, partial: false, durationMs: 14_000, inFinalImage: false, stale: false }), 'stage tools: 436 MB, not in the image · 14.0 s');
		assert.equal(from({ bytes: 7, partial: false, durationMs: undefined, inFinalImage: false, stale: true }), 'stage tools: was 7 B, not in the image');
		assert.equal(from({ bytes: undefined, partial: true, durationMs: undefined, inFinalImage: false, stale: false }), 'stage tools: not in the image');
		assert.equal(title({ keyword: 'FROM', stageTotal: { bytes: 7, partial: false, durationMs: undefined, inFinalImage: false, stale: false } }), 'stage 0: 7 B, not in the image');
		assert.equal(from(undefined), '');
	});
});

describe('lineSentence', () => {
	it('says it all in words', () => {
		assert.equal(lineSentence(line({ outcome: 'ran', size: bytes(43_100_000), durationMs: 12_400 }), english), 'Line 3, RUN. Size: 43.1 MB. Time: 12.4 s. Outcome: ran');
	});
});

describe('lineHover', () => {
	it('is a table that says what each value is', () => {
		assert.equal(lineHover(line({ outcome: 'cached', size: bytes(43_100_000), diffId: 'sha256:abc' }), ['[Log](command:x)'], 0, english), [
			'| Last build | | |',
			'|:--|:--|:--|',
			'| Size | **43\\.1 MB**&ensp; | layer, uncompressed, as the engine\'s history gives it |',
			'| Outcome | **cached**&ensp; | the engine reused an earlier result |',
			'',
			'Layer \\(diffID\\) `sha256:abc`',
			'',
			'[Log](command:x)',
		].join('\n'));
	});

	it('foretells no line that ran', () => {
		const next = lineHover(line({ outcome: 'cached', forecast: { kind: 'miss', reason: { kind: 'parentMissed', line: 2 } } }), [], 0, english) ?? '';
		assert.match(next, /\| Forecast \| .* \| It builds upon line 2\\\. \|/);
	});

	it('shows the end of a failed step\'s output', () => {
		assert.match(lineHover(line({ outcome: 'failed', logTail: 'one\n``` two' }), [], 0, english) ?? '', /\n````text\none\n``` two\n````$/);
	});

	it('says nothing where nothing is known', () => {
		assert.equal(lineHover(line({ source: undefined, outcome: undefined }), [], 0, english), undefined);
	});
});

describe('strangers\' text in Markdown', () => {
	it('stays text', () => {
		assert.equal(escapeMarkdown('[x](command:evil) <b> | `y` $(zap) & a\nb'), '\\[x\\]\\(command\\:evil\\) &lt;b\\> \\| \\`y\\` \\$\\(zap\\) &amp; a b');
		assert.equal(codeSpan('a`b``c'), '``` a`b``c ```');
		assert.equal(codeSpan('plain | cell'), '`plain \\| cell`');
		assert.equal(codeBlock('a\n```\u001b[31m\nb'), '````text\na\n``` [31m\nb\n````');
	});
});

describe('complaints', () => {
	const failure = { kind: 'instruction', message: 'process "/bin/sh -c x" did not complete successfully: exit code: 7', instruction: 1, line: 3, exitCode: 7 } as const;

	it('says why a line failed, with the end of its output', () => {
		assert.equal(failureMessage('RUN', failure, 'npm error\n', english), 'RUN failed with exit code 7.\nnpm error');
		assert.equal(failureMessage('COPY', { ...failure, exitCode: undefined, message: '"/nope": not found' }, undefined, english), '"/nope": not found');
		assert.equal(failureMessage('RUN', failure, Array.from({ length: 30 }, (_, at) => String(at)).join('\n'), english).split('\n').length, 13);
	});

	it('splits BuildKit\'s warnings into rule and sentence', () => {
		const warning = { kind: 'warning', vertex: '', detail: [], url: undefined, startLine: 1, endLine: 1, message: 'FromAsCasing: \'as\' and \'FROM\' keywords\' casing do not match (line 1)' } as const;
		assert.equal(warningCode(warning), 'FromAsCasing');
		assert.equal(warningMessage(warning), '\'as\' and \'FROM\' keywords\' casing do not match');
	});
});

function bytes(count: number): NonNullable<LineFacts['size']> {
	return { bytes: count, measure: 'history' };
}

function line(given: Partial<LineFacts>): LineFacts {
	return {
		instruction: 1, line: 3, endLine: 3, stage: 0, stageName: undefined, keyword: 'RUN', text: 'RUN x', source: 'record', outcome: 'ran',
		durationMs: undefined, size: undefined, diffId: undefined, stale: undefined, reason: undefined, history: undefined, forecast: undefined, waste: undefined,
		logTail: undefined, stageTotal: undefined, makeup: undefined, ...given,
	};
}

function title(given: Partial<LineFacts>): string {
	return lineTitle(line(given), all, english);
}
