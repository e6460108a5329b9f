import assert from 'node:assert/strict';
import { historyRows, type HistoryEntry } from '../../../src/core/image/historyRows';
import { baseNameOf } from '../../../src/core/rebuild/baseName';
import { baseAmong, recoverDockerfile } from '../../../src/core/rebuild/imageDockerfile';
import { imageDockerfileText } from '../../../src/words/imageDockerfile';
import { english } from '../../../src/words/translate';

const row = (createdBy: string, sizeBytes = 0, comment = 'buildkit.dockerfile.v0'): HistoryEntry => ({ imageId: undefined, createdAt: 0, createdBy, sizeBytes, comment });

function draw(oldestFirst: readonly HistoryEntry[], base?: Parameters<typeof recoverDockerfile>[1]): string {
	return imageDockerfileText(recoverDockerfile(historyRows(oldestFirst.toReversed(), []), base), { name: 'web:1', id: 'sha256:1' }, english);
}

function instructions(text: string): readonly string[] {
	return text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
}

describe('the Dockerfile of an image', () => {
	const rows = [
		row('/bin/sh -c #(nop) ADD file:aa in / ', 100, ''), row('ENV A=1'), row('RUN |2 WHO=me API_TOKEN=hush /bin/sh -c make && make install # buildkit', 5),
		row('COPY app /srv/app # buildkit', 7), row('CMD ["serve"]'),
	];

	it('says its instructions after its base', () => {
		const text = draw(rows, { name: { text: 'debian:12', kind: 'tag', imageId: 'sha256:0' }, rows: 1 });
		assert.deepEqual(instructions(text), ['FROM debian:12', 'ENV A=1', 'RUN make && make install', 'COPY app /srv/app', 'CMD ["serve"]']);
		assert.match(text, /# Build arguments: WHO=me API_TOKEN\nRUN/);
		assert.doesNotMatch(text, /hush/);
	});

	it('says openly what nobody can know', () => {
		const text = draw([row(`/bin/sh -c #(nop) COPY file:${'a'.repeat(64)} in /srv/ `, 3, ''), row('bash', 9, 'by hand'), ...rows.slice(2)]);
		for (const note of [/^# Of COPY and ADD: the files themselves/m, /^# Of COPY and ADD by the classic builder/m, /^# Of RUN: --mount, so also secrets/m, /^# Of a commit, an import or a RUN without a shell/m, /^# No image on this engine is known to be its base/m]) {
			assert.match(text, note);
		}
		assert.match(text, /^# COPY … \/srv\/$/m);
		assert.match(text, /^# No builder wrote this row.*\n# .* all there is to know\.\n# bash$/m);
		assert.deepEqual(text.split('\n').filter(line => line.startsWith('# ') && line.length > 102), [], 'no comment runs out of sight');
		assert.equal(instructions(text)[0], 'FROM scratch');
	});

	it('is based on the image with the most layers in common', () => {
		const image = { id: 'x', diffIds: ['a', 'b', 'c'] };
		const others = [{ id: 'one', diffIds: ['a'] }, { id: 'two', diffIds: ['a', 'b'] }, { id: 'other', diffIds: ['a', 'z'] }, { id: 'x', diffIds: ['a', 'b'] }, { id: 'same', diffIds: ['a', 'b', 'c'] }, { id: 'empty', diffIds: [] }];
		assert.equal(baseAmong(image, others)?.id, 'two');
		assert.equal(baseAmong({ id: 'y', diffIds: ['q'] }, others), undefined);
	});
});

describe('the name of a base', () => {
	const digest = `sha256:${'d'.repeat(64)}`;
	const id = `sha256:${'e'.repeat(64)}`;
	it('is its digest, else the tag it was made from, else its ID', () => {
		assert.equal(baseNameOf({ id, references: ['a:1', 'web:1'], digests: [`a@${digest}`, `web@${digest}`] }, 'a:1').text, `a@${digest}`);
		assert.deepEqual(baseNameOf({ id, references: ['a:1', 'web:1'], digests: [] }, 'web:1'), { text: 'web:1', kind: 'tag', imageId: id });
		assert.deepEqual(baseNameOf({ id, references: [], digests: [] }, id), { text: id, kind: 'id', imageId: id });
	});

	it('is no digest that a containerd store made up', () => {
		assert.equal(baseNameOf({ id, references: ['web:1'], digests: [`web@${id}`] }, 'web:1').kind, 'tag');
	});
});
