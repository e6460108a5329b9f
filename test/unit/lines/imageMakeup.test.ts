import assert from 'node:assert/strict';
import type { ImageBytes } from '../../../src/core/build/record';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import { imageMakeup } from '../../../src/core/imageMakeup';
import { makeupTable } from '../../../src/words/makeup';
import { english } from '../../../src/words/translate';

describe('the makeup of an image', () => {
	it('tells its base, what was copied from where, and its own layers', () => {
		assert.deepEqual(drawn(`
			FROM node:22 AS build
			RUN npm ci
			FROM base:1
			WORKDIR /app
			COPY app.js .
			COPY --from=build /dist ./dist
			COPY --from=build /tools ./tools
			COPY --from=busybox:1 /bin/sh /sh
			RUN make`, { totalBytes: 1_000, baseBytes: 930 }), [
			'Image: 1 kB (all layers, uncompressed, as the engine\'s history gives them)',
			'Base image: 930 B (base:1)',
			'Own layers: 21 B (lines 5, 6, 10)',
			'Copied from stage build: 15 B (lines 7, 8)',
			'Copied from image busybox:1: 9 B (line 9)',
		]);
	});

	it('adds the stages that the last one starts from', () => {
		assert.deepEqual(drawn('FROM base AS one\nRUN a\nFROM one AS two\nRUN b\nFROM two\nRUN c', { totalBytes: 20, baseBytes: 8 }).slice(1), [
			'Base image: 8 B (base)', 'Own layers: 6 B (line 6)', 'Starts from stage two: 4 B (line 4)', 'Starts from stage one: 2 B (line 2)',
		]);
	});

	it('has no base where it starts from scratch, and says what is not known', () => {
		assert.deepEqual(drawn('FROM scratch\nCOPY a /\nCOPY --from=x:1 a /\nCOPY --from=x:1 b /', undefined, [3, 4]), [
			'Own layers: 2 B (line 2)', 'Copied from image x:1: size not known (lines 3, 4)',
		]);
		assert.deepEqual(drawn('FROM base\nRUN a\nRUN b', undefined, [3]), ['Base image: size not known (base)', 'Own layers: at least 2 B (lines 2, 3)']);
	});
});

/** Each line that makes a layer has as many bytes as its number. */
function drawn(text: string, bytes: ImageBytes | undefined, unknown: readonly number[] = []): readonly string[] {
	const resolved = resolveDockerfile(parseDockerfile(text), {});
	const lines = resolved.instructions.map(({ instruction: { line }, layer }) =>
		({ line, size: layer && !unknown.includes(line) ? { bytes: line, measure: 'history' as const } : undefined }));
	return makeupTable(imageMakeup(resolved, lines, bytes)!, english).map(({ name, value, meaning }) => `${name}: ${value} (${meaning})`);
}
