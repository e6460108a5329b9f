import assert from 'node:assert/strict';
import type { CauseKind } from '../../../src/core/layers/causes';
import type { LineWaste } from '../../../src/core/lineWaste';
import { english } from '../../../src/words/translate';
import { causeMessage, fixTitle, imageWasteTitle, savingTitle, wasteMessage } from '../../../src/words/waste';

const found = { layer: 1, bytes: 5_000_000, wastedBytes: 0, files: 3, paths: ['/a', '/b'], firstLayer: undefined, firstLine: undefined, packages: [] };

describe('words for what a layer need not hold', () => {
	const sentences: Readonly<Record<CauseKind, string>> = {
		aptLists: '5 MB of apt\'s package lists stay in this layer: /a, /b.',
		aptArchives: '5 MB of apt\'s downloaded packages stay in this layer: /a, /b.',
		apkCache: '5 MB of apk\'s cache stay in this layer: /a, /b.',
		dnfCache: '5 MB of dnf\'s cache stay in this layer: /a, /b.',
		pipCache: '5 MB of pip\'s cache stay in this layer: /a, /b.',
		npmCache: '5 MB of npm\'s cache stay in this layer: /a, /b.',
		yarnCache: '5 MB of Yarn\'s cache stay in this layer: /a, /b.',
		goCache: '5 MB of Go\'s caches stay in this layer: /a, /b.',
		cargoCache: '5 MB of Cargo\'s downloads stay in this layer: /a, /b.',
		mavenCache: '5 MB of Maven\'s repository stay in this layer: /a, /b.',
		gradleCache: '5 MB of Gradle\'s cache stay in this layer: /a, /b.',
		buildTools: '5 MB of compilers, headers and static libraries are still there in the end: /a, /b. Building in a stage of its own and copying only the result leaves them out.',
		metadataCopy: '5 MB are stored a second time because only mode, owner or time changed: /a, /b.',
		duplicateContent: '5 MB are stored here that an earlier layer has under another name: /a, /b.',
		gitFolder: '5 MB of a Git repository\'s history came along: /a, /b.',
		nodeModules: '5 MB of installed packages were copied from the build context: /a, /b.',
		manyLayers: 'This image has 3 layers; engines mount at most 127.',
	};
	for (const [kind, sentence] of Object.entries(sentences) as [CauseKind, string][]) {
		it(`say ${kind} in bytes`, () => { assert.equal(causeMessage({ ...found, kind }, english), sentence); });
	}

	it('name the packages that brought build tools', () => {
		assert.match(causeMessage({ ...found, kind: 'buildTools', packages: ['gcc-12', 'zlib1g-dev'] }, english), /in the end: \/a, \/b\. Installed with gcc-12, zlib1g-dev\. Building/);
	});

	it('name the line that had it first', () => {
		assert.equal(causeMessage({ ...found, kind: 'metadataCopy', firstLine: 4 }, english), '5 MB of line 4 are stored a second time because only mode, owner or time changed: /a, /b.');
		assert.equal(causeMessage({ ...found, kind: 'duplicateContent', firstLine: 4 }, english), '5 MB are stored here that line 4 has stored under another name: /a, /b.');
	});

	it('take paths as what they are: text', () => {
		assert.equal(causeMessage({ ...found, kind: 'gitFolder', paths: ['/a\n[x](command:y)\u202e'] }, english), '5 MB of a Git repository\'s history came along: /a [x](command:y).');
	});
});

describe('words for waste', () => {
	const burial: LineWaste['burials'][number] = { addedIn: 1, buriedIn: 2, how: 'removed', bytes: 4_000_000, files: 3, paths: ['/var/x'], line: 9 };
	const waste = (...burials: LineWaste['burials']): LineWaste => ({ bytes: 6_000_000, burials, causes: [], layerBytes: 7_000_000, imageBytes: 9_000_000 });

	it('name both lines', () => {
		const start = '6 MB of what this line adds is waste: it stays in the image and nobody can reach it.';
		assert.equal(wasteMessage(waste(burial), english), `${start} Line 9 removes 4 MB: /var/x and 2 more.`);
		assert.equal(wasteMessage(waste(burial, burial), english), `${start} Line 9 removes 4 MB: /var/x and 2 more. 1 more way.`);
		assert.equal(wasteMessage(waste({ ...burial, how: 'overwritten', files: 1 }, burial, burial), english), `${start} Line 9 writes 4 MB anew: /var/x. 2 more ways.`);
		assert.equal(wasteMessage(waste({ ...burial, how: 'hidden', line: undefined }), english), `${start} A later layer puts something else in the place of 4 MB: /var/x and 2 more.`);
		assert.equal(wasteMessage({ ...waste(), bytes: 0 }, english), undefined);
	});

	it('promise bytes, and lay the measured ones beside', () => {
		const fix = { kind: 'joinRuns', line: 3, lastLine: 8, savesBytes: 6_000_000, edits: [], ignore: [], subject: '' } as const;
		assert.equal(fixTitle(fix, english), 'Join lines 3 to 8 into one RUN (should save 6 MB)');
		assert.equal(fixTitle({ ...fix, kind: 'cleanHere', subject: 'apt-get clean' }, english), 'Clean up in the same RUN: apt-get clean (should save 6 MB)');
		assert.equal(fixTitle({ ...fix, kind: 'cacheMount', subject: '/root/.npm' }, english), 'Keep /root/.npm in a cache mount of lines 3 to 8 (should save 6 MB)');
		assert.equal(fixTitle({ ...fix, kind: 'cacheMount', lastLine: 3, subject: '/root/.npm' }, english), 'Keep /root/.npm in a cache mount (should save 6 MB)');
		assert.equal(fixTitle({ ...fix, kind: 'copyFlag', subject: '--chown=app' }, english), 'Let line 8 set it: --chown=app (should save 6 MB)');
		assert.equal(fixTitle({ ...fix, kind: 'ignore', subject: '**/.git' }, english), 'Add **/.git to .dockerignore (should save 6 MB)');
		assert.equal(fixTitle({ ...fix, kind: 'noRecommends', subject: '--no-install-recommends', savesBytes: undefined }, english), 'Add --no-install-recommends (the next build tells what it saves)');
		assert.equal(savingTitle(6_000_000, 5_900_000, english), '5.9 MB smaller; 6 MB promised');
		assert.equal(savingTitle(6_000_000, -1_000_000, english), '1 MB larger; 6 MB smaller was promised');
		assert.equal(imageWasteTitle({ wastedBytes: 6_000_000, totalBytes: 8_000_000, efficiency: 0.25 }, english), 'wastes 6 MB of 8 MB (25 % efficient)');
		assert.equal(imageWasteTitle({ wastedBytes: 0, totalBytes: 8, efficiency: 1 }, english), 'no waste');
	});
});
