import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { parseDockerfile } from '../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../src/core/dockerfile/resolve';
import type { Builder, Engine } from '../../src/core/engine/engine';
import type { ImageRow } from '../../src/core/image/historyRows';
import { matchHistory } from '../../src/core/image/matchHistory';
import { readImageRows } from '../../src/services/imageRows';
import { traitsOf } from '../support/engineTraits';
import { baseImage, buildImage, forEachBuilder } from '../support/engines';

const everything = `FROM ${baseImage} AS a
ARG WHO="you and me"
ENV X=1 Y="two words"
ENV PATH=/x:$PATH
RUN echo $X > /f && mkdir /d
RUN true
RUN ["/bin/busybox", "touch", "/g"]
WORKDIR app
COPY a.txt b.txt ./
COPY --chown=1:1 a.txt /o
ADD dir /dir/
WORKDIR /
WORKDIR /app
LABEL a=b c="d e"
EXPOSE 80 53/udp
VOLUME /data
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s CMD echo hi
SHELL ["/bin/sh", "-ec"]
RUN echo second \\
  # comment
  && true
ONBUILD RUN echo hey
CMD echo "hi there"
ENTRYPOINT ["/bin/sh", "-c", "a \\"b\\" c"]
MAINTAINER me
FROM a
RUN echo tail
USER 1000
`;

const files = { 'a.txt': 'aaa', 'b.txt': 'bbb', 'dir/x': 'xx' };

describe('an image\'s history', () => {
	forEachBuilder((engine, builder, test) => {
		it('tells every instruction that made it, of each kind', async () => {
			await withImage(engine(), builder, { Dockerfile: everything, ...files }, async rows => {
				const resolved = resolveDockerfile(parseDockerfile(everything), {});
				const match = matchHistory(resolved, rows);
				assert.ok(match, rows.map(({ instruction }) => instruction).join('\n'));
				const unmatched = resolved.instructions.filter(({ instruction: { index } }) => !match.rowOf.has(index)).map(({ instruction: { keyword } }) => keyword);
				// BuildKit keeps no row of ONBUILD, and FROM has none anywhere.
				assert.deepEqual(unmatched, builder === 'buildkit' ? ['FROM', 'ONBUILD', 'FROM'] : ['FROM', 'FROM']);
			});
		});

		it('matches no other Dockerfile', async () => {
			const text = `FROM ${baseImage}\nCOPY a.txt /a\nRUN echo one\nCMD ["a"]\n`;
			await withImage(engine(), builder, { Dockerfile: text, ...files }, rows => {
				const matches = (other: string): boolean => matchHistory(resolveDockerfile(parseDockerfile(other), {}), rows) !== undefined;
				assert.equal(matches(text), true);
				assert.equal(matches(text.replace('echo one', 'echo two')), false);
				assert.equal(matches(text.replace('/a\n', '/b\n')), false);
				assert.equal(matches(text.replace('CMD ["a"]\n', '')), false);
				assert.equal(matches(text.replace('COPY a.txt /a\n', '')), true, 'the base may have any rows');
				assert.equal(matches(text.replace(baseImage, 'scratch')), false);
			});
		});

		it('is joined with the layers as the image\'s config says', async () => {
			await withImage(engine(), builder, { Dockerfile: everything, ...files }, async (rows, imageId) => {
				const config = await configOf(engine(), imageId);
				const truth = config.history.map(({ empty_layer: empty }) => empty === true);
				let layer = 0;
				const diffIds = truth.map(empty => empty ? undefined : config.rootfs.diff_ids[layer++]);
				assert.deepEqual(rows.map(({ empty }) => empty), truth);
				assert.deepEqual(rows.map(({ diffId }) => diffId), diffIds);
			});
		});

		if (builder === 'buildkit' && !traitsOf(test).hasOldBuildKit) {
			it('tells heredocs', async () => {
				const text = `FROM ${baseImage}\nRUN <<EOF\necho one\necho two\nEOF\nCOPY <<E1 <<E2 /h/\nhello\nE1\nx\nE2\nRUN cat <<EOF > /z\nzzz\nEOF\n`;
				await withImage(engine(), builder, { Dockerfile: text }, rows => {
					assert.equal(matchHistory(resolveDockerfile(parseDockerfile(text), {}), rows)?.layerRows, 3);
					assert.equal(matchHistory(resolveDockerfile(parseDockerfile(text.replace('two', 'three')), {}), rows), undefined);
				});
			});
		}
	});
});

let count = 0;

async function withImage(engine: Engine, builder: Builder, context: Readonly<Record<string, string>>, check: (rows: readonly ImageRow[], imageId: string) => Promise<void> | void): Promise<void> {
	const tag = `strata-test/rows-${String(process.pid)}-${String(count++)}:1`;
	const id = await buildImage(engine, context, { builder, tags: [tag], labels: {} });
	try {
		await check(await readImageRows({ history: reference => engine.history(reference), details: reference => engine.image(reference) }, id), id);
	} finally {
		await engine.removeImage(tag);
	}
}

interface ImageConfig {
	readonly history: readonly { readonly empty_layer?: boolean }[];
	readonly rootfs: { readonly diff_ids: readonly string[] };
}

async function configOf(engine: Engine, imageId: string): Promise<ImageConfig> {
	const saved = await engine.saveImage(imageId, new AbortController().signal);
	const documents = new Map<string, string>();
	for await (const entry of saved.pipe(extract())) {
		const isText = (entry.header.size ?? 0) < 100_000;
		const content = isText ? await text(entry) : (entry.resume(), '');
		documents.set(entry.header.name, content);
	}
	const [{ Config }] = JSON.parse(documents.get('manifest.json')!) as [{ readonly Config: string }];
	return JSON.parse(documents.get(Config)!) as ImageConfig;
}
