import assert from 'node:assert/strict';
import { historyRows, type HistoryEntry, type ImageRow } from '../../../src/core/image/historyRows';

describe('historyRows: instructions', () => {
	it('reads what BuildKit writes back into a Dockerfile\'s words', () => {
		assert.deepEqual(instructions(buildkit([
			'COPY --chown=1:1 a.txt /o # buildkit',
			'RUN /bin/sh -c echo $X > /f && mkdir /d # buildkit',
			'RUN |2 WHO=me V= /bin/sh -c true # buildkit',
			'RUN |1 WHO=you and me /bin/sh -c exec /bin/sh -c true # buildkit',
			'RUN /bin/busybox touch /g # buildkit',
			'RUN /bin/sh -c cat <<EOF > /z\nzzz\nEOF # buildkit',
			'ENV X=1 Y=two words',
			'EXPOSE map[53/udp:{} 80/tcp:{}]',
			'EXPOSE [53/udp 80/tcp]',
			'VOLUME [/data /more]',
			'CMD ["nginx" "-g" "daemon off;"]',
			'ENTRYPOINT ["/bin/sh" "-c" "a \\"b\\" c"]',
			'HEALTHCHECK &{["CMD-SHELL" "echo hi"] "30s" "0s" "0s" "0s" \'\\x00\'}',
			'HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}',
			'SHELL [/bin/bash -o pipefail -c]',
			'RUN /bin/bash -o pipefail -c set | sort # buildkit',
			'CMD ["/bin/bash" "-o" "pipefail" "-c" "echo \\"hi there\\""]',
			'USER 1000',
		])), [
			'COPY --chown=1:1 a.txt /o',
			'RUN echo $X > /f && mkdir /d',
			'RUN true',
			'RUN exec /bin/sh -c true',
			'RUN /bin/busybox touch /g',
			'RUN cat <<EOF > /z\nzzz\nEOF',
			'ENV X=1 Y=two words',
			'EXPOSE 53/udp 80',
			'EXPOSE 53/udp 80',
			'VOLUME /data /more',
			'CMD ["nginx", "-g", "daemon off;"]',
			'ENTRYPOINT a "b" c',
			'HEALTHCHECK --interval=30s CMD echo hi',
			'HEALTHCHECK NONE',
			'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
			'RUN set | sort',
			'CMD echo "hi there"',
			'USER 1000',
		]);
	});

	it('reads what the classic builder writes', () => {
		assert.deepEqual(instructions(classic([
			'/bin/sh -c #(nop)  ARG WHO=you',
			'|1 WHO=you /bin/sh -c echo second   && true',
			'|1 WHO=you /bin/busybox touch /g',
			`/bin/sh -c #(nop) COPY file:${hex} in /bin/busybox `,
			`/bin/sh -c #(nop) COPY --chown=1:1file:${hex} in /o `,
			`/bin/sh -c #(nop) COPY --chown=1:1 multi:${hex} in ./ `,
			`/bin/sh -c #(nop) ADD dir:${hex} in /dir/ `,
			'/bin/sh -c #(nop) WORKDIR /app',
			'/bin/sh -c #(nop)  HEALTHCHECK &{[CMD-SHELL echo hi] 30s 0s 0s 0s 0}',
			'/bin/sh -c #(nop)  SHELL [/bin/sh -ec]',
			'/bin/sh -ec make',
			'/bin/sh -ec #(nop)  CMD ["/bin/sh" "-ec" "echo hi"]',
			'/bin/sh -ec #(nop)  ONBUILD RUN echo hey',
			'/bin/sh -ec #(nop)  MAINTAINER me',
		])), [
			'ARG WHO=you',
			'RUN echo second   && true',
			'RUN /bin/busybox touch /g',
			'COPY … /bin/busybox',
			'COPY --chown=1:1 … /o',
			'COPY --chown=1:1 … ./',
			'ADD … /dir/',
			'WORKDIR /app',
			'HEALTHCHECK --interval=30s CMD echo hi',
			'SHELL ["/bin/sh", "-ec"]',
			'RUN make',
			'CMD echo hi',
			'ONBUILD RUN echo hey',
			'MAINTAINER me',
		]);
	});

	it('claims no instruction where the row names none', () => {
		const rows = historyRows([
			{ ...entry('bash'), comment: 'with my tools' },
			entry(''),
			entry('/bin/busybox --install -s /bin'),
		], []);
		assert.deepEqual(rows.map(({ builder, keyword, instruction }) => [builder, keyword, instruction]), [
			[undefined, undefined, '/bin/busybox --install -s /bin'],
			[undefined, undefined, ''],
			[undefined, undefined, 'bash'],
		]);
	});

	it('reads what Podman writes: it counts the words of arguments, and writes lists as a Dockerfile has them', () => {
		const rows = historyRows([
			'|3 WHO=you and me /bin/sh -c echo $WHO > /f', '|3 WHO=you and me /bin/sh -c ["/bin/busybox", "touch", "/g"]', '/bin/sh -c #(nop) SHELL ["/bin/sh", "-ec"]',
		].map(words => ({ ...entry(words), comment: 'FROM 0123456789ab' })).toReversed(), []);
		assert.deepEqual(rows.map(({ instruction }) => instruction), ['RUN echo $WHO > /f', 'RUN ["/bin/busybox", "touch", "/g"]', 'SHELL ["/bin/sh", "-ec"]']);
	});

	it('tells the builders apart', () => {
		const rows = historyRows([
			{ ...entry('/bin/sh -c #(nop) CMD ["sh"]'), comment: 'FROM 0123456789ab' },
			{ ...entry('CMD ["sh"]'), comment: 'buildkit.dockerfile.v0' },
			entry('/bin/sh -c true'),
		], []);
		assert.deepEqual(rows.map(({ builder }) => builder), ['classic', 'buildkit', 'podman']);
	});
});

describe('historyRows: layers', () => {
	it('gives every RUN, COPY, ADD and WORKDIR of BuildKit its layer, empty or not', () => {
		assert.equal(drawn(buildkit([
			['COPY a /a # buildkit', 3], ['ENV A=1', 0], ['RUN /bin/sh -c true # buildkit', 0], ['WORKDIR /', 0], ['WORKDIR /app', 0], ['CMD ["a"]', 0],
		]), 'a b c'), 'COPY:a ENV:- RUN:b WORKDIR:- WORKDIR:c CMD:-');
	});

	it('leaves open which of the classic builder\'s rows of 0 bytes have a layer, and all that depends on it', () => {
		assert.equal(drawn(classic([
			[nop('COPY', '/a'), 3], ['/bin/sh -c true', 0], ['/bin/sh -c mkdir /d', 0], ['/bin/sh -c make', 9], [nop('COPY', '/z'), 1],
		]), 'a b c d'), 'COPY:a RUN:? RUN:? RUN:c COPY:d');
	});

	it('knows where only one count is possible', () => {
		const rows: readonly Row[] = [[nop('COPY', '/a'), 3], ['/bin/sh -c true', 0], ['/bin/sh -c mkdir /d', 0], ['/bin/sh -c make', 9]];
		assert.equal(drawn(classic(rows), 'a b c d'), 'COPY:a RUN:b RUN:c RUN:d');
		assert.equal(drawn(classic(rows), 'a b'), 'COPY:a RUN:- RUN:- RUN:b');
	});

	it('uses what is known of the images in between', () => {
		const entries = classic([[nop('COPY', '/a'), 3], ['/bin/sh -c true', 0], ['/bin/sh -c mkdir /d', 0], ['/bin/sh -c make', 9]])
			.map((one, at) => ({ ...one, imageId: `image${String(3 - at)}` }));
		const rows = historyRows(entries, ['a', 'b', 'c'], new Map([['image1', 1]]));
		assert.equal(drawRows(rows), 'COPY:a RUN:- RUN:b RUN:c');
	});

	it('joins nothing where the counts contradict each other, as in a squashed image', () => {
		assert.equal(drawn(buildkit([['COPY a /a # buildkit', 3], ['RUN /bin/sh -c true # buildkit', 0], ['CMD ["a"]', 0]]), 'a'), 'COPY:? RUN:? CMD:-');
		assert.equal(drawn(buildkit([['COPY a /a # buildkit', 3]]), 'a b'), 'COPY:?');
	});

	it('joins a base of one builder below rows of the other', () => {
		const base = classic([[nop('ADD', '/'), 70], [nop('CMD', ''), 0]]);
		assert.equal(drawn([...buildkit([['RUN /bin/sh -c x # buildkit', 5]]), ...base], 'a b'), 'ADD:a CMD:- RUN:b');
	});
});

type Row = readonly [createdBy: string, sizeBytes: number];
const hex = '0123456789abcdef'.repeat(4);

function nop(keyword: string, path: string): string {
	return `/bin/sh -c #(nop) ${keyword} file:${hex} in ${path} `;
}

function entry(createdBy: string, sizeBytes = 0): HistoryEntry {
	return { imageId: undefined, createdAt: 0, createdBy, sizeBytes, comment: '' };
}

/** Rows oldest first, as a Dockerfile has them; the entries newest first, as an engine gives them. */
function classic(rows: readonly (string | Row)[]): readonly HistoryEntry[] {
	return rows.map(row => typeof row === 'string' ? entry(row) : entry(...row)).reverse();
}

function buildkit(rows: readonly (string | Row)[]): readonly HistoryEntry[] {
	return classic(rows).map(row => ({ ...row, comment: 'buildkit.dockerfile.v0' }));
}

function instructions(entries: readonly HistoryEntry[]): readonly string[] {
	return historyRows(entries, []).map(({ instruction }) => instruction);
}

function drawn(entries: readonly HistoryEntry[], diffIds: string): string {
	return drawRows(historyRows(entries, diffIds.split(' ')));
}

/** `RUN:a` has layer a, `ENV:-` none, `RUN:?` is open. */
function drawRows(rows: readonly ImageRow[]): string {
	return rows.map(({ keyword, empty, diffId }) => `${keyword ?? ''}:${diffId ?? (empty === true ? '-' : '?')}`).join(' ');
}
