import assert from 'node:assert/strict';
import type { ImageSummary } from '../../../src/core/engine/engine';
import type { ImageRow } from '../../../src/core/image/historyRows';
import { repositoryText, untaggedText } from '../../../src/words/imageRoots';
import { changeCounts, containerRow, historyRow, imageRow, oneLine, runRow, shorten, stepRow, type RunFacts, type StepFacts } from '../../../src/words/rows';
import { english } from '../../../src/words/translate';
import { formatAge, formatMoment } from '../../../src/words/when';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('rows of steps', () => {
	const step: StepFacts = { text: 'RUN make', line: 4, outcome: 'ran', durationMs: 12_400, sizeBytes: 43_100_000, progress: undefined };
	for (const [what, facts, shown, accessible] of [
		['ran', {}, '43.1 MB · 12.4 s · RUN make', 'Line 4, RUN make, ran, 43.1 MB, 12.4 s'],
		['ran, nothing measured', { durationMs: undefined, sizeBytes: undefined }, 'RUN make | ran', 'Line 4, RUN make, ran'],
		['cached', { outcome: 'cached', durationMs: undefined }, '43.1 MB · RUN make | cached', 'Line 4, RUN make, cached, 43.1 MB'],
		['failed', { outcome: 'failed', sizeBytes: undefined }, '12.4 s · RUN make | failed', 'Line 4, RUN make, failed, 12.4 s'],
		['not finished', { outcome: 'unfinished', durationMs: undefined, sizeBytes: undefined }, 'RUN make | not finished', 'Line 4, RUN make, not finished'],
		['not run', { outcome: 'notRun', durationMs: undefined, sizeBytes: undefined }, 'RUN make | not run', 'Line 4, RUN make, not run'],
		['config only, never with a size', { outcome: 'metadata', durationMs: undefined, sizeBytes: 0 }, 'RUN make | config only', 'Line 4, RUN make, config only'],
		['a download under way', { outcome: 'running', durationMs: undefined, sizeBytes: undefined, progress: { name: 'x', current: 12_000_000, total: 30_000_000 } }, 'RUN make | running · 12 MB / 30 MB', 'Line 4, RUN make, running'],
		['a download of unknown length', { outcome: 'running', durationMs: undefined, sizeBytes: undefined, progress: { name: 'x', current: 12_000_000, total: 0 } }, 'RUN make | running · 12 MB', 'Line 4, RUN make, running'],
	] as const satisfies readonly (readonly [string, Partial<StepFacts>, string, string])[]) {
		it(what, () => {
			const row = stepRow({ ...step, ...facts }, english);
			assert.equal([row.label, row.description].filter(part => part !== '').join(' | '), shown);
			assert.equal(row.accessible, accessible);
		});
	}

	it('keep long instructions short, and whole in the tooltip', () => {
		const row = stepRow({ ...step, text: `RUN ${'x'.repeat(300)}` }, english);
		assert.ok(row.label.length <= 100 && row.label.endsWith('…'));
		assert.ok(row.tooltip.includes('x'.repeat(300)));
	});
});

describe('rows of runs', () => {
	const run: RunFacts = { state: 'succeeded', moment: '12:00:00', durationMs: 45_000, cached: 7, cacheable: 9, target: undefined, tags: ['web:1'], builder: 'buildkit', warnings: 0, noCache: false, imageBytes: undefined, previousBytes: undefined, isPinned: false, isOfCommandLine: false };
	it('say their score and time', () => {
		assert.equal(runRow(run, english).label, 'Build 12:00:00');
		assert.equal(runRow(run, english).description, '7/9 cached · 45.0 s');
		assert.equal(runRow({ ...run, state: 'failed', warnings: 2, target: 'test' }, english).accessible, 'Build 12:00:00 to test, failed, 7/9 cached, 45.0 s, 2 warnings');
	});

	it('say the image\'s size beside that of the build before, and whether it is pinned', () => {
		assert.equal(runRow({ ...run, imageBytes: 132_000_000 }, english).description, '132 MB · 7/9 cached · 45.0 s');
		assert.equal(runRow({ ...run, imageBytes: 132_000_000, previousBytes: 120_000_000 }, english).description, '132 MB (+12 MB) · 7/9 cached · 45.0 s');
		assert.equal(runRow({ ...run, imageBytes: 120_000_000, previousBytes: 132_000_000, isPinned: true }, english).description, 'pinned · 120 MB (−12 MB) · 7/9 cached · 45.0 s');
		assert.equal(runRow({ ...run, isOfCommandLine: true }, english).description, '7/9 cached · 45.0 s · command line');
		assert.equal(runRow({ ...run, imageBytes: 132_000_000, previousBytes: 120_000_000 }, english).accessible, 'Build 12:00:00, succeeded, image 132 MB, +12 MB since the build before, 7/9 cached, 45.0 s');
	});

	it('say nothing of a score where nothing could be cached', () => {
		assert.equal(runRow({ ...run, state: 'running', durationMs: undefined, cacheable: 0 }, english).description, 'running');
	});
});

describe('rows of images', () => {
	const image: ImageSummary = { id: 'sha256:abc', references: ['web:1'], digests: [], createdAt: now - 3 * day, sizeBytes: 50_000_000, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} };
	it('say size and age, and own bytes only where they are known', () => {
		assert.equal(imageRow(image, '1', now, english).description, '50 MB · 3 days ago');
		assert.equal(imageRow({ ...image, sharedBytes: 30_000_000 }, '1', now, english).description, '50 MB · 20 MB own · 3 days ago');
		assert.equal(imageRow({ ...image, sharedBytes: 0 }, '1', now, english).description, '50 MB · 3 days ago');
	});

	const other: ImageSummary = { ...image, id: 'sha256:def', sizeBytes: 810_000_000 };
	for (const [what, images, shown, accessible, meaning] of [
		['its image\'s', [image], '50 MB · 1 tag', 'web, 1 tag, 50 MB', 'Size of its image'],
		['one image\'s once, whatever its tags', [image, image], '50 MB · 2 tags', 'web, 2 tags, 50 MB', 'Size of its image'],
		['its largest image\'s', [image, other, image], 'up to 810 MB · 3 tags', 'web, 3 tags, up to 810 MB', 'Size of its largest image'],
	] as const) {
		it(`say as a repository's size ${what}`, () => {
			const { description, accessible: spoken, tooltip } = repositoryText('web', images, english);
			assert.deepEqual([description, spoken, tooltip], [shown, accessible, `web\n${meaning}, with what that shares with others.`]);
		});
	}

	it('sum what untagged images have alone only where the engine says it of each', () => {
		const { description, accessible } = untaggedText([{ ...image, sharedBytes: 30_000_000 }, { ...other, sharedBytes: 0 }], english);
		assert.deepEqual([description, accessible], ['830 MB own · 2 images', 'Untagged images, 2, 830 MB own']);
		assert.equal(untaggedText([{ ...image, sharedBytes: 30_000_000 }, other], english).description, '2 images');
		assert.equal(untaggedText([other], english).description, '1 image');
		assert.equal(untaggedText([{ ...other, sharedBytes: 0 }], english, 'blocks').description, '1 image', 'a shared layer\'s compressed copy would be counted as own');
	});

	const row: ImageRow = {
		index: 0, builder: 'buildkit', keyword: 'RUN', instruction: 'RUN apt-get update', args: '', raw: '', createdBy: '', createdAt: now - 5 * minute,
		comment: 'buildkit.dockerfile.v0', sizeBytes: 111_000_000, empty: false, layer: 0, diffId: 'sha256:d', imageId: undefined,
	};
	it('say of each history row its layer, or that there is none', () => {
		assert.deepEqual([historyRow(row, now, english).label, historyRow(row, now, english).description], ['111 MB · RUN apt-get update', '5 minutes ago']);
		assert.equal(historyRow({ ...row, instruction: 'CMD ["sh"]', empty: true, sizeBytes: 0, diffId: undefined }, now, english).accessible, 'CMD ["sh"], no layer, 5 minutes ago');
		assert.equal(historyRow({ ...row, empty: undefined, sizeBytes: 0, createdAt: 0 }, now, english).label, '0 B · RUN apt-get update');
		assert.equal(historyRow({ ...row, instruction: 'CMD ["sh"]', empty: true }, now, english).label, 'CMD ["sh"]');
		assert.equal(historyRow({ ...row, instruction: '' }, now, english).label, '111 MB · (no command)');
	});
});

describe('rows of containers', () => {
	it('say state and image', () => {
		const row = containerRow({ id: 'c1', name: 'web', image: 'nginx:1', imageId: 'i', state: 'running', status: 'Up 2 hours', createdAt: now, command: 'nginx', labels: {}, ports: [] }, english);
		assert.deepEqual([row.label, row.description, row.accessible], ['web', 'Up 2 hours · nginx:1', 'web, running, Up 2 hours, nginx:1']);
	});

	it('count changes', () => {
		assert.equal(changeCounts([{ path: '/a', change: 'added' }, { path: '/b', change: 'removed' }], english), '1 added, 0 changed, 1 removed');
		assert.equal(changeCounts([{ path: '/etc', change: 'modified' }, { path: '/etc/motd', change: 'modified' }], english), '0 added, 1 changed, 0 removed');
		assert.equal(changeCounts([], english), 'nothing changed');
	});
});

describe('names from strangers', () => {
	it('cannot break a line, hide, or turn its direction', () => {
		assert.equal(oneLine('a\nb\u202Etxt.exe\u0007 \u2066c\u2028d'), 'a b txt.exe c d');
		assert.equal(shorten('abcdef', 4), 'abc…');
	});
});

describe('times', () => {
	for (const [ago, text] of [
		[0, 'just now'], [-5 * minute, 'just now'], [minute, '1 minute ago'], [59 * minute, '59 minutes ago'], [60 * minute, '1 hour ago'], [23 * 60 * minute, '23 hours ago'],
		[day, '1 day ago'], [59 * day, '59 days ago'], [70 * day, '2 months ago'], [800 * day, '2 years ago'],
	] as const) {
		it(`${String(ago)} ms is ${text}`, () => { assert.equal(formatAge(now - ago, now, english), text); });
	}

	it('are of the clock today, and have a date before', () => {
		assert.match(formatMoment(now, now, 'en'), /^\d\d:\d\d:\d\d$/);
		assert.match(formatMoment(now - 3 * day, now, 'en'), /^Nov 18, \d\d:\d\d$/);
	});
});
