import assert from 'node:assert/strict';
import { cacheRecordLines, cacheRemoval, ownRecords } from '../../../src/core/cacheRecordLines';
import type { BuildRecord } from '../../../src/core/build/record';
import type { Forecast, Reason } from '../../../src/core/cache/reason';
import type { CacheRecord } from '../../../src/core/engine/engine';
import { forecastTotal } from '../../../src/core/forecastTotal';
import type { LineFacts } from '../../../src/core/lineFacts';
import { accuracyPage } from '../../../src/words/accuracyPage';
import { removalWords } from '../../../src/words/buildCache';
import { explainPage } from '../../../src/words/explainPage';
import { lineHover, lineTitle, outlookTitle } from '../../../src/words/line';
import { forecastSentence, forecastWords, reasonWords } from '../../../src/words/reason';
import { english } from '../../../src/words/translate';

const files = (changes: Partial<Extract<Reason, { kind: 'filesChanged' }>>): Reason =>
	({ kind: 'filesChanged', added: [], removed: [], content: [], mode: [], total: 1, ...changes });

describe('why a line ran, in few words', () => {
	it('names the file, the variable, the line or the base', () => {
		const said: readonly (readonly [Reason, string])[] = [
			[files({ content: ['package.json'] }), 'package.json changed'],
			[files({ added: ['new.txt'] }), 'new.txt added'],
			[files({ removed: ['old.txt'] }), 'old.txt removed'],
			[files({ mode: ['run.sh'] }), 'mode of run.sh changed'],
			[files({ content: ['a', 'b'], total: 12 }), 'a and 11 more changed'],
			[files({ total: undefined }), 'files changed'],
			[{ kind: 'argumentChanged', name: 'VERSION', before: '1', after: '2' }, 'ARG VERSION changed'],
			[{ kind: 'environmentChanged', name: 'PATH', before: '1', after: '2' }, 'ENV PATH changed'],
			[{ kind: 'instructionChanged', before: 'RUN a', after: 'RUN b', line: 3, what: 'text' }, 'line was edited'],
			[{ kind: 'baseChanged', reference: 'node:20', old: 'sha256:1', new: 'sha256:2' }, 'base node:20 changed'],
			[{ kind: 'parentMissed', line: 4 }, 'line 4 ran'],
			[{ kind: 'cachePruned' }, 'cache was pruned'],
			[{ kind: 'unknown' }, 'reason unknown'],
			[{ kind: 'neverBuilt' }, ''],
		];
		assert.deepEqual(said.map(([reason]) => reasonWords(reason, english)), said.map(([, words]) => words));
	});

	it('keeps the end of a long path, which tells files apart', () => {
		const words = reasonWords(files({ content: [`${'deep/'.repeat(30)}package.json`] }), english);
		assert.match(words, /^….*package\.json changed$/);
		assert.ok(words.length < 60, words);
	});

	it('stands behind the outcome, and in front of nothing else', () => {
		assert.equal(title({ outcome: 'ran', durationMs: 1200, reason: files({ content: ['package.json'] }) }), '1.2 s · ran · package.json changed');
		assert.equal(title({ outcome: 'ran', durationMs: 1200, reason: { kind: 'neverBuilt' } }), '1.2 s · ran');
		assert.equal(title({ outcome: 'cached' }), 'cached');
	});
});

describe('what the next build will do, in few words', () => {
	const miss = (reason: Reason): Forecast => ({ kind: 'miss', reason });

	it('is a forecast by its words', () => {
		assert.equal(forecastWords(miss(files({ content: ['package.json'] })), english), 'will rebuild · package.json changed');
		assert.equal(forecastWords(miss({ kind: 'parentMissed', line: 4 }), english), 'will rebuild · line 4 will');
		assert.equal(forecastWords(miss({ kind: 'unknown' }), english), 'will rebuild');
		assert.equal(forecastWords({ kind: 'depends', line: 2, url: undefined }, english), 'may rebuild · depends on the stage of line 2');
		assert.equal(forecastWords({ kind: 'depends', line: undefined, url: 'node:22', isBase: true }, english), 'may rebuild · node:22 may have moved');
		const elsewhere = { kind: 'depends', line: 3, url: undefined, elsewhere: { kind: 'parentMissed', line: 3 } } as const;
		assert.equal(forecastWords(elsewhere, english), 'may rebuild · line 3 may');
		assert.equal(forecastSentence(elsewhere, english), 'will rebuild, unless the engine has it from a build made elsewhere: line 3 may');
		assert.equal(forecastWords({ kind: 'depends', line: undefined, url: undefined, isHeld: true }, english), 'may rebuild · another build is under way');
		assert.equal(forecastWords({ kind: 'unknown' }, english), '');
	});

	it('takes the place of what happened last only where it is news', () => {
		const hit: Forecast = { kind: 'hit' };
		assert.equal(title({ outcome: 'ran', durationMs: 1000, forecast: hit }), '1.0 s · ran');
		assert.equal(title({ outcome: 'ran', durationMs: 1000, forecast: hit, stale: 'dependsOnChanged' }), 'was 1.0 s · will be cached');
		assert.equal(title({ outcome: 'cached', forecast: miss(files({ content: ['a'] })) }), 'will rebuild · a changed');
		assert.equal(title({ outcome: 'cached', forecast: { kind: 'unknown' }, stale: 'changed' }), 'edited since');
		assert.equal(title({ source: undefined, outcome: undefined, forecast: miss({ kind: 'neverBuilt' }) }), '', 'a line being written gets no lens');
	});

	it('adds up, with the time that rebuilt lines took last', () => {
		const lines = [
			{ text: 'COPY a .', forecast: miss(files({ content: ['a'] })) },
			{ text: 'RUN make', forecast: miss({ kind: 'parentMissed', line: 1 }) },
			{ text: 'RUN other', forecast: { kind: 'hit' } as const },
			{ text: 'ENV A=1', forecast: undefined },
		];
		const took = new Map([['COPY a .', 100], ['RUN make', 13_900], ['RUN other', 60_000]]);
		assert.equal(outlookTitle(forecastTotal(lines, took)!, english), '1 cached, 2 rebuilds, about 14.0 s');
		assert.equal(outlookTitle(forecastTotal(lines, new Map([['RUN make', 13_900]]))!, english), '1 cached, 2 rebuilds, at least 13.9 s');
		assert.equal(outlookTitle(forecastTotal(lines, new Map([['RUN make', 30]]))!, english), '1 cached, 2 rebuilds');
		assert.equal(outlookTitle(forecastTotal(lines, new Map([['RUN make', 30], ['COPY a .', 10]]))!, english), '1 cached, 2 rebuilds, <0.1 s');
		assert.equal(forecastTotal([{ text: 'RUN x', forecast: { kind: 'unknown' } }], took), undefined);
	});
});

describe('the page that explains a miss', () => {
	const lines = [
		line({ instruction: 0, line: 1, keyword: 'FROM', text: 'FROM node:20', outcome: 'metadata' }),
		line({ instruction: 1, line: 2, keyword: 'COPY', text: 'COPY . .', durationMs: 100, reason: files({ content: ['src/app.js'] }) }),
		line({ instruction: 2, line: 3, keyword: 'RUN', text: 'RUN npm ci', durationMs: 20_000, reason: { kind: 'parentMissed', line: 2 } }),
		line({ instruction: 3, line: 5, keyword: 'COPY', text: 'COPY --from=0 /app .', durationMs: 100, reason: { kind: 'sourceStageRan', line: 2 }, stage: 1 }),
	];
	const page = (instruction: number): string => explainPage(lines, instruction, 'last', english)!.replaceAll('\\', '');

	it('goes from the first cause to the line, with the paths', () => {
		assert.match(page(2), /^# Why line 3 ran\n\n`RUN npm ci`\n\n## The first cause\n\nLine 2 `COPY \. \.`: \*\*src\/app\.js changed\*\*\./);
		assert.match(page(2), /- `src\/app\.js` content changed/);
		assert.match(page(2), /1\. Line 2 .*\n1\. Line 3 `RUN npm ci` ran: It builds upon line 2, which ran\./);
		assert.match(page(3), /1\. Line 5 `COPY --from=0 \/app \.` ran: It takes files from a stage in which line 2 ran/);
	});

	it('says what the cause cost', () => {
		assert.match(page(3), /It made 3 lines run \(2, 3, 5\), which took 20\.2 s\./);
	});

	it('advises to split the manifests from the sources where a line installs dependencies', () => {
		assert.match(page(2), /Line 3 needs only the list; put this above it: `COPY package\.json package-lock\.json \.\/`/);
	});

	it('says of what the engine may have from elsewhere what is known, and that it depends', () => {
		const edited: Reason = { kind: 'instructionChanged', before: 'RUN echo a', after: 'RUN echo b', line: 2, what: 'text' };
		const said = [
			line({ instruction: 0, keyword: 'FROM', text: 'FROM node' }),
			line({ instruction: 1, line: 2, keyword: 'RUN', text: 'RUN echo b', durationMs: 1000, forecast: { kind: 'depends', line: 2, url: undefined, elsewhere: edited } }),
			line({ instruction: 2, line: 3, keyword: 'RUN', text: 'RUN make', durationMs: 2000, forecast: { kind: 'depends', line: 2, url: undefined, elsewhere: { kind: 'parentMissed', line: 2 } } }),
			line({ instruction: 3, line: 4, keyword: 'RUN', text: 'RUN new', forecast: { kind: 'miss', reason: { kind: 'unknown' } } }),
		];
		const ahead = (instruction: number): string => explainPage(said, instruction, 'next', english)!.replaceAll('\\', '');
		assert.match(ahead(1), /^# Why line 2 may rebuild\n[^]*Line 2 `RUN echo b`: \*\*line was edited\*\*[^]*- Before: `RUN echo a`[^]*- After: `RUN echo b`/);
		assert.match(ahead(1), /## What it depends on\n\nThe engine holds what another build made, in a terminal for instance, [^]*It may be this line; then the line comes from the cache\./);
		assert.match(ahead(2), /^# Why line 3 may rebuild\n[^]*1\. Line 3 `RUN make` may rebuild: It builds upon line 2\.[^]*It may be line 2 and this one[^]*It may make 2 lines rebuild \(2, 3\), which took 3\.0 s last time\./);
		assert.match(ahead(2), /## What to do\n\n- Build once: /);
		assert.match(ahead(3), /^# Why line 4 will rebuild\n[^]*No recorded build was the same up to here\./);
		assert.doesNotMatch(ahead(3), /depends on/);
	});

	it('names a build that was under way among what may have made a line run for no reason that is known', () => {
		const said = [line({ instruction: 0, line: 2, keyword: 'RUN', text: 'RUN make', outcome: 'ran', reason: { kind: 'unknown' }, forecast: { kind: 'miss', reason: { kind: 'unknown' } } })];
		const advice = (misses: 'last' | 'next'): string => explainPage(said, 0, misses, english)!.replaceAll('\\', '').split('## What to do')[1]!;
		assert.match(advice('last'), /^\n\n- If another build was under way: Docker before 29\.7 may run again what is cached.*\n- Build once more/);
		assert.match(advice('next'), /^\n\n- Build once more/);
	});

	it('is none for a line that did not miss', () => {
		assert.equal(explainPage(lines, 0, 'last', english), undefined);
		assert.equal(explainPage(lines, 2, 'next', english), undefined);
	});

	it('keeps strangers\' text as text', () => {
		const hostile = [line({ instruction: 0, keyword: 'COPY', text: 'COPY `x` [a](command:b) .', reason: files({ content: ['<img src=x>|`a`'] }) })];
		const text = explainPage(hostile, 0, 'last', english)!;
		assert.doesNotMatch(text.replace(/(`+) ?.*? ?\1/g, ''), /<img|\[a\]\(/);
		assert.doesNotMatch(lineHover(hostile[0]!, [], 0, english)!.replace(/(`+) ?.*? ?\1/g, ''), /<img/);
	});
});

describe('the accuracy of forecasts', () => {
	it('counts promises, and shows each build', () => {
		const row = { moment: '10:00', dockerfile: 'Dockerfile', builder: 'buildkit' as const, steps: 7, right: 4, wrongHits: 0, wrongMisses: 1, depends: 2, unknown: 0 };
		const page = accuracyPage([row], english).replaceAll('\\', '');
		assert.match(page, /4 of 5 hits and rebuilds came true\*\* \(80\.0 %\)/);
		assert.match(page, /\| 10:00 \| Dockerfile \| 7 \| 4 \| 0 \| ✗ 1 \| 2 \| 0 \| ■■■■✗□□ \|/);
		assert.match(accuracyPage([], english), /No forecast has been put to the test yet/);
	});
});

describe('records of the engine\'s build cache', () => {
	const record = (id: string, description: string, parents: readonly string[], more: Partial<CacheRecord> = {}): CacheRecord => ({
		id, description, parents, type: 'regular', inUse: false, shared: false, sizeBytes: 10, createdAt: 0, lastUsedAt: 0, usageCount: 1, ...more,
	});
	const build = {
		dockerfilePath: '/w/Dockerfile',
		instructions: [['FROM', 'FROM a AS tools'], ['COPY', 'COPY x /x'], ['RUN', 'RUN --network=none make all'], ['WORKDIR', 'WORKDIR /y']]
			.map(([keyword, text], at) => ({ keyword, text, line: at + 1, stage: 0 })),
	} as unknown as BuildRecord;

	it('are known by their command or their step\'s name, below the step before', () => {
		const records = [
			record('base', 'from local 1', []),
			record('old', 'fileop target', ['base']),
			record('run', 'mount / from exec /bin/sh -c make all', ['old']),
			record('new', '[tools 3/3] WORKDIR /y', ['run']),
			record('stray', 'mount / from exec /bin/sh -c other', ['base']),
			record('elsewhere', 'mount / from exec /bin/sh -c make all', ['stray']),
			record('unsure', 'fileop target', ['base']),
		];
		const lines = cacheRecordLines(records, [build]);
		assert.deepEqual([...lines].map(([id, { line: at, stage }]) => `${id} ${String(at)} ${stage}`).sort(), ['new 4 tools', 'old 2 tools', 'run 3 tools']);
	});

	it('are one Dockerfile\'s own only where nothing else builds upon them', () => {
		const all = [record('shared', '', []), record('mine', '', ['shared']), record('last', '', ['mine']), record('theirs', '', ['shared'])];
		assert.deepEqual([...ownRecords(all, new Set(['shared', 'mine', 'last']))], ['mine', 'last']);
	});

	it('go with all that builds upon them, but not what is in use', () => {
		const all = [
			record('a', '', []), record('b', '', ['a'], { sizeBytes: 5 }), record('c', '', ['b'], { shared: true, sizeBytes: 7 }),
			record('d', '', ['a'], { inUse: true }), record('e', '', []),
		];
		const removal = cacheRemoval(all, new Set(['b']));
		assert.deepEqual(removal.records.map(({ id }) => id), ['b', 'c']);
		assert.equal(removalWords(removal, english).question, 'Remove 2 build cache records? This frees 5 B.');
		assert.match(removalWords(removal, english).detail, /1 of them builds upon those selected, and goes with them\.\n7 B more are layers of images and stay on disk\./);
		assert.deepEqual(cacheRemoval(all, new Set(['a'])).records.map(({ id }) => id), ['b', 'c'], 'a is held by d, which is in use');
	});
});

function title(facts: Partial<LineFacts>): string {
	return lineTitle(line(facts), { sizes: true, times: true, outcomes: true }, english);
}

function line(facts: Partial<LineFacts>): LineFacts {
	return {
		instruction: 0, line: 3, endLine: 3, stage: 0, stageName: undefined, keyword: 'RUN', text: 'RUN x', source: 'record', outcome: 'ran',
		durationMs: undefined, size: undefined, diffId: undefined, stale: undefined, reason: undefined, history: undefined, forecast: undefined, waste: undefined,
		logTail: undefined, stageTotal: undefined, makeup: undefined, ...facts,
	};
}
