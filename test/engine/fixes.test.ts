import assert from 'node:assert/strict';
import { english } from '../../src/words/translate';
import { fixTitle, savingTitle, wasteMessage } from '../../src/words/waste';
import { layerBytes, traitsOf } from '../support/engineTraits';
import { baseImage, buildImage, forEachEngine } from '../support/engines';
import { applied, examine, savingOf } from '../support/quickFixes';

/** The first rung of the size ladder in small: each command a layer, cleaned up when it is too late. */
const first = (nonce: string): string => `FROM ${baseImage}
RUN mkdir -p /var/lib/apt/lists && echo ${nonce} && head -c 900000 /dev/zero > /var/lib/apt/lists/packages
RUN head -c 2000000 /dev/zero > /usr-bin-gcc
RUN mkdir /src && head -c 400000 /dev/zero > /src/main.c
WORKDIR /src
RUN cat main.c > main.o && mkdir -p /opt/web && head -c 70000 main.o > /opt/web/server
COPY index.html /opt/web/
RUN rm -rf /src /usr-bin-gcc
RUN rm -rf /var/lib/apt/lists/*
CMD ["/opt/web/server"]
`;

/** The second, as a person would write it. */
const second = (nonce: string): string => `FROM ${baseImage}
RUN mkdir -p /var/lib/apt/lists && echo ${nonce} && head -c 900000 /dev/zero > /var/lib/apt/lists/packages \\
    && head -c 2000000 /dev/zero > /usr-bin-gcc \\
    && mkdir -p /src /opt/web && cd /src && head -c 400000 /dev/zero > main.c && cat main.c > main.o && head -c 70000 main.o > /opt/web/server \\
    && cd / && rm -rf /src /usr-bin-gcc /var/lib/apt/lists/*
COPY index.html /opt/web/
CMD ["/opt/web/server"]
`;

const copied = (nonce: string): string => `FROM ${baseImage}
COPY program /app/
RUN chmod 755 /app/program
RUN echo ${nonce}
`;

describe('quick fixes on a real engine', function () {
	this.timeout(60_000);

	forEachEngine((engine, test) => {
		const built: string[] = [];
		const build = async (text: string): Promise<string> => {
			// The classic builder keeps no cache that would have to be told from others'.
			const id = await buildImage(engine(), { Dockerfile: text, 'index.html': 'hello', program: Buffer.alloc(600_000, 7) }, { builder: 'classic', noCache: true });
			built.push(id);
			return id;
		};
		after(async () => {
			for (const id of built) {
				await engine().removeImage(id, { force: true });
			}
		});

		it('lead from the first rung of the ladder to the second, and save what they promised', async () => {
			const nonce = `fixes-${test.name}-${Date.now().toString(36)}`;
			const text = first(nonce);
			const image = await build(text);
			const before = await examine(engine(), image, text);
			assert.deepEqual(before.lines.flatMap(({ line, waste }) => waste === undefined || waste.bytes < 100_000 ? [] : [`${String(line)} ${wasteMessage(waste, english) ?? ''}`.replace(/is waste.*nobody can reach it/, 'is waste')]), [
				'2 900 kB of what this line adds is waste. Line 9 removes 900 kB: /var/lib/apt/lists/packages.',
				'3 2 MB of what this line adds is waste. Line 8 removes 2 MB: /usr-bin-gcc.',
				'4 400 kB of what this line adds is waste. Line 8 removes 400 kB: /src/main.c.',
				'6 400 kB of what this line adds is waste. Line 8 removes 400 kB: /src/main.o.',
			]);
			const [fix] = before.fixes;
			assert.equal(fixTitle(fix!, english), 'Join lines 2 to 9 into one RUN (should save 3.7 MB)');

			const fixed = await build(applied(text, fix!));
			const { promised, measured } = await savingOf(engine(), image, fixed, fix!.savesBytes!);
			// Blocks of a snapshot are a little more than the bytes of files.
			assert.match(savingTitle(promised, measured!, english), traitsOf(test).measure === 'files' ? /^3\.7 MB smaller; 3\.7 MB promised$/ : /^3\.7\d MB smaller; 3\.7 MB promised$/);
			const after = await examine(engine(), fixed, applied(text, fix!));
			assert.deepEqual(after.lines.map(({ waste }) => waste?.bytes ?? 0).filter(bytes => bytes > 0), []);
			const goal = await examine(engine(), await build(second(nonce)), second(nonce));
			assert.ok(Math.abs(after.bytes - goal.bytes) < 10_000, `${String(after.bytes)} and ${String(goal.bytes)}`);
		});

		it('let COPY set the mode, where a RUN stored all of it a second time', async () => {
			const text = copied(`mode-${test.name}-${Date.now().toString(36)}`);
			const image = await build(text);
			const { fixes } = await examine(engine(), image, text);
			assert.deepEqual(fixes.map(fix => fixTitle(fix, english)), ['Let line 2 set it: --chmod=755 (should save 600 kB)']);
			// Only BuildKit has --chmod.
			const fixed = await buildImage(engine(), { Dockerfile: applied(text, fixes[0]!), program: Buffer.alloc(600_000, 7) }, { noCache: true });
			built.push(fixed);
			assert.deepEqual(await savingOf(engine(), image, fixed, fixes[0]!.savesBytes!).then(({ promised, measured }) => [promised, measured]), [600_000, layerBytes(traitsOf(test), { files: [600_000], folders: traitsOf(test).measure === 'tar' ? 1 : 0 })]);
		});
	});
});
