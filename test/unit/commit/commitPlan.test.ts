import assert from 'node:assert/strict';
import { checkCommitChange, previewCommit } from '../../../src/core/commitPlan';
import type { ContainerChange } from '../../../src/core/engine/engine';
import { describeChangeProblem, describePreview } from '../../../src/words/commit';
import { english } from '../../../src/words/translate';

const api = '1.51';

describe('checkCommitChange', () => {
	for (const change of [
		'CMD ["nginx", "-g", "daemon off;"]', 'cmd sh', 'ENTRYPOINT []', 'ENV A=1 B=2', 'ENV A 1', 'EXPOSE 80 443/tcp 8000-8010/udp',
		'HEALTHCHECK NONE', 'HEALTHCHECK --interval=5s CMD curl localhost', 'LABEL a="b c"', 'ONBUILD RUN make', 'USER www', 'VOLUME /data',
		'WORKDIR /srv', 'STOPSIGNAL SIGQUIT', '  USER   www  ',
	]) {
		it(`takes ${change}`, () => { assert.equal(checkCommitChange(change, api), undefined); });
	}

	for (const [change, kind, subject] of [
		['', 'empty', ''], ['RUN make', 'notAllowed', 'RUN'], ['copy a b', 'notAllowed', 'COPY'], ['FROM x', 'notAllowed', 'FROM'],
		['CMD', 'missingArguments', 'CMD'], ['EXPOSE 80 http', 'badPort', 'http'], ['EXPOSE 0', 'badPort', '0'], ['EXPOSE 70000', 'badPort', '70000'],
		['EXPOSE 90-80', 'badPort', '90-80'], ['ENV A', 'badAssignment', 'ENV'], ['ENV =1', 'badAssignment', 'ENV'], ['LABEL a', 'badAssignment', 'LABEL'],
		['ONBUILD FROM x', 'badTrigger', 'FROM'], ['HEALTHCHECK curl', 'badHealthcheck', 'curl'], ['USER a\nUSER b', 'severalLines', 'USER a\nUSER b'],
	] as const) {
		it(`refuses ${JSON.stringify(change)}: ${kind}`, () => {
			const problem = checkCommitChange(change, api);
			assert.deepEqual(problem, { kind, subject });
			assert.match(describeChangeProblem(problem!, english), /\.$/);
		});
	}

	it('knows that STOPSIGNAL came with API 1.42', () => {
		assert.equal(checkCommitChange('STOPSIGNAL SIGQUIT', '1.41')?.kind, 'needsNewerEngine');
		assert.equal(checkCommitChange('STOPSIGNAL SIGQUIT', '1.42'), undefined);
	});
});

describe('previewCommit', () => {
	const changes: readonly ContainerChange[] = [
		{ path: '/data', change: 'modified' },
		{ path: '/data/db', change: 'added' },
		{ path: '/etc', change: 'modified' },
		{ path: '/etc/app.conf', change: 'modified' },
		{ path: '/etc/motd', change: 'removed' },
		{ path: '/srv', change: 'added' },
		{ path: '/srv/big', change: 'added' },
		{ path: '/srv/small', change: 'added' },
	];
	const sizes: Readonly<Record<string, number>> = { '/etc/app.conf': 300, '/srv/big': 2_000_000, '/srv/small': 10 };
	const stat = (path: string) => Promise.resolve(path in sizes ? { kind: 'file' as const, sizeBytes: sizes[path]! } : undefined);
	const signal = new AbortController().signal;

	it('counts, measures, and leaves out what is under a mount', async () => {
		const preview = await previewCommit(changes, { mounts: ['/data'], limit: 100, stat, signal });
		assert.deepEqual(preview, {
			added: 3, modified: 1, removed: 1, mounted: 2, mounts: ['/data'], bytes: 2_000_310, measured: 3, measurable: 3,
			heaviest: [{ path: '/srv/big', bytes: 2_000_000 }, { path: '/etc/app.conf', bytes: 300 }, { path: '/srv/small', bytes: 10 }],
		});
		assert.equal(describePreview(preview, english), '3 added, 1 changed, 1 removed · 2 MB · 2 under mounts stay out');
	});

	it('asks for no more sizes than the limit, and says so', async () => {
		const asked: string[] = [];
		const preview = await previewCommit(changes, { mounts: [], limit: 2, stat: path => (asked.push(path), stat(path)), signal });
		assert.equal(asked.length, 2);
		assert.equal(describePreview(preview, english), '4 added, 1 changed, 1 removed · 300 B in 2 of 4 files looked at');
	});

	it('ends when it is no longer wanted', async () => {
		await assert.rejects(previewCommit(changes, { mounts: [], limit: 9, stat, signal: AbortSignal.abort() }), { name: 'AbortError' });
	});
});
