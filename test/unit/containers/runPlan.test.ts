import assert from 'node:assert/strict';
import fc from 'fast-check';
import { outputFrames } from '../../../src/core/engine/outputFrames';
import { isInteractive, readContainerName, readPorts, readVariables, readVolumes, readWords, writeWords } from '../../../src/core/runPlan';
import { describeRemoval, describeRunProblem } from '../../../src/words/containers';
import { english } from '../../../src/words/translate';

describe('what a person writes to run an image', () => {
	it('is split into words as a shell does', () => {
		assert.deepEqual(readWords(`sh -c 'echo "a  b"' "x\\"y" z\\ z ''`), { value: ['sh', '-c', 'echo "a  b"', 'x"y', 'z z', ''] });
		assert.deepEqual(readWords('echo \'open'), { problem: 'quote', subject: '\'' });
	});

	it('comes back from its words', () => {
		fc.assert(fc.property(fc.array(fc.string()), words => { assert.deepEqual(readWords(writeWords(words)), { value: words }); }));
	});

	it('names ports as docker run does', () => {
		assert.deepEqual(readPorts('8080:80, 53:53/udp 127.0.0.1::443'), { value: [
			{ port: '80/tcp', hostPort: '8080', hostAddress: '' }, { port: '53/udp', hostPort: '53', hostAddress: '' }, { port: '443/tcp', hostPort: '', hostAddress: '127.0.0.1' },
		] });
		for (const bad of ['http', '0', '70000:80', '80:', ':80:80:80']) {
			assert.deepEqual(readPorts(bad), { problem: 'port', subject: bad });
		}
	});

	it('names volumes and variables', () => {
		assert.deepEqual(readVolumes('/my folder:/data:ro; cache:/var/cache ;'), { value: ['/my folder:/data:ro', 'cache:/var/cache'] });
		assert.deepEqual(readVolumes('/data'), { problem: 'volume', subject: '/data' });
		assert.deepEqual(readVariables('A=1 B="two = 2"'), { value: { A: '1', B: 'two = 2' } });
		assert.deepEqual(readVariables('A'), { problem: 'variable', subject: 'A' });
		assert.deepEqual([readContainerName(''), readContainerName('web-1'), readContainerName('-x')], [{ value: undefined }, { value: 'web-1' }, { problem: 'name', subject: '-x' }]);
	});

	it('is told what is wrong in a sentence', () => {
		for (const kind of ['port', 'volume', 'variable', 'quote', 'name'] as const) {
			assert.match(describeRunProblem(kind, 'X', english), /X.*\.$/);
		}
	});

	it('waits for typing only where it is a shell alone', () => {
		assert.deepEqual([['/bin/bash'], ['sh'], ['python3'], ['sh', '-c', 'make'], ['nginx'], []].map(isInteractive), [true, true, true, false, false, false]);
	});
});

describe('removing a container', () => {
	const container = { id: 'x', name: 'web', image: 'web:1', imageId: 'sha256:1', state: 'running', status: 'Up', createdAt: 0, command: '', labels: {}, ports: [] };
	it('says what is lost', () => {
		assert.deepEqual(describeRemoval(container, [{ path: '/a', change: 'added' }], english), {
			question: 'web is running. End it and remove it?', detail: 'Lost with it, since they are in no image: 1 added, 0 changed, 0 removed. Its image and named volumes stay.',
		});
		assert.match(describeRemoval({ ...container, state: 'exited' }, [], english).detail, /^Nothing changed/);
		assert.match(describeRemoval(container, undefined, english).detail, /^Everything that changed/);
	});
});

describe('the output of a container without a terminal', () => {
	it('is the same however its frames are cut', async () => {
		const frame = (output: number, text: string): Buffer => Buffer.concat([Buffer.from([output, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
		const whole = Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n'), frame(1, ''), frame(1, 'end')]);
		await fc.assert(fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 6 }), async cuts => {
			const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
			const chunks = edges.slice(1).map((edge, at) => whole.subarray(edges[at], edge));
			const parts: Buffer[] = [];
			for await (const part of outputFrames((async function* () { yield* await Promise.resolve(chunks); })())) {
				parts.push(part);
			}
			assert.equal(Buffer.concat(parts).toString(), 'out\nerr\nend');
		}), { numRuns: 50 });
	});

	it('that is none is refused', async () => {
		const read = async (): Promise<void> => {
			for await (const part of outputFrames((async function* () { yield await Promise.resolve(Buffer.from('just text, no frames')); })())) {
				assert.fail(part.toString());
			}
		};
		await assert.rejects(read, { reason: 'failed' });
	});
});
