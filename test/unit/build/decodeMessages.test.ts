import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeMessages } from '../../../src/core/build/decodeMessages';
import type { BuildEvent } from '../../../src/core/build/events';
import type { BuildMessage } from '../../../src/core/engine/engine';
import { traceOf } from './protobufOf';

describe('decodeMessages', () => {
	it('reads BuildKit: traces, the image, the error', async () => {
		assert.deepEqual(await drawn([
			{ id: 'moby.buildkit.trace', aux: traceOf([[1, [[1, 'v'], [3, '[1/2] FROM x'], [4, 1]]], [3, [[1, 'v'], [4, 'hello']]]]) },
			{ id: 'moby.image.id', aux: { ID: 'sha256:abc' } },
			{ error: 'failed to solve', errorDetail: { message: 'failed to solve: longer' } },
		]), ['vertex v [1/2] FROM x', 'out hello', 'image sha256:abc', 'error failed to solve: longer']);
	});

	it('reads the classic builder of 20.10', async () => {
		assert.deepEqual(await drawn(streams(
			'Step 1/3 : FROM base', '\n', ' ---> 202c2db72d9d\n',
			'Step 2/3 : ENV A=b', '\n', ' ---> Using cache\n', ' ---> f8506e8aa1de\n',
			'Step 3/3 : RUN echo hi', '\n', ' ---> Running in 8dba59ff88cf\n', 'hi\n', '\u001b[91moops\n\u001b[0m',
			'Removing intermediate container 8dba59ff88cf\n', ' ---> 5966b7bbbf5a\n',
		).concat({ aux: { ID: 'sha256:5966b7bbbf5a' } }, ...streams('Successfully built 5966b7bbbf5a\n', 'Successfully tagged a:b\n'))), [
			'step 0/3 FROM base', 'stepImage 202c2db72d9d',
			'step 1/3 ENV A=b', 'cached', 'stepImage f8506e8aa1de',
			'step 2/3 RUN echo hi', 'out hi\n', 'error output oops\n', 'stepImage 5966b7bbbf5a',
			'image sha256:5966b7bbbf5a',
		]);
	});

	it('takes the classic builder\'s image of a stage for no image of the build', async () => {
		const built = [
			...streams('Step 1/2 : FROM base AS one', '\n', ' ---> 202c2db72d9d\n'), { aux: { ID: 'sha256:202c2db72d9d' } },
			...streams('Step 2/2 : FROM other', '\n', ' ---> 5966b7bbbf5a\n'), { aux: { ID: 'sha256:5966b7bbbf5a' } }, ...streams('Successfully built 5966b7bbbf5a\n'),
		];
		const drawing = await drawn(built);
		assert.deepEqual(drawing, ['step 0/2 FROM base AS one', 'stepImage 202c2db72d9d', 'step 1/2 FROM other', 'stepImage 5966b7bbbf5a', 'image sha256:5966b7bbbf5a']);
		assert.deepEqual(await drawn(built.slice(0, -1)), drawing.slice(0, -1));
	});

	it('reads the triggers of a base, and a removal as newer engines word it', async () => {
		assert.deepEqual(await drawn(streams(
			'Step 1/2 : FROM base', '\n', '# Executing 2 build trigger', 's', '\n', ' ---> Using cache\n', ' ---> Running in 6babb1425734\n',
			'trigger\n', ' ---> Removed intermediate container 6babb1425734\n', ' ---> be42c72c7821\n', 'Step 2/2 : CMD ["x"]', '\n',
		)), ['step 0/2 FROM base', 'cached', 'out trigger\n', 'stepImage be42c72c7821', 'step 1/2 CMD ["x"]']);
	});

	it('does not take a RUN\'s output for the builder\'s words', async () => {
		assert.deepEqual(await drawn(streams(
			'Step 1/2 : RUN fake', '\n', ' ---> Running in 8dba59ff88cf\n',
			'Step 2/2 : foo\n', ' ---> Using cache\n', ' ---> 5966b7bbbf5a\n', 'Removing intermediate container 000000000000\n', 'no newline',
			'Removing intermediate container 8dba59ff88cf\n', ' ---> 5966b7bbbf5a\n',
		)), [
			'step 0/2 RUN fake', 'out Step 2/2 : foo\n', 'out  ---> Using cache\n', 'out  ---> 5966b7bbbf5a\n',
			'out Removing intermediate container 000000000000\n', 'out no newline', 'stepImage 5966b7bbbf5a',
		]);
	});

	it('reads Podman', async () => {
		assert.deepEqual(await drawn(streams(
			'[1/2] STEP 1/2: FROM base AS a\n', '[1/2] STEP 2/2: RUN echo hi\n', 'hi\n', '--> 12ab34cd56ef\n',
			'[2/2] STEP 1/2: FROM a\n', '[2/2] STEP 2/2: CMD x\n', '--> Using cache 99ab34cd56ef\n', '--> 99ab34cd56ef\n', 'Successfully built 99ab34cd56ef\n',
		)), [
			'stage 0 0/2 FROM base AS a', 'stage 0 1/2 RUN echo hi', 'out hi\n', 'stepImage 12ab34cd56ef',
			'stage 1 0/2 FROM a', 'stage 1 1/2 CMD x', 'cached', 'stepImage 99ab34cd56ef', 'image 99ab34cd56ef',
		]);
	});

	it('says each status of a pull once', async () => {
		assert.deepEqual(await drawn([
			{ status: 'Pulling fs layer', id: 'aa' }, { status: 'Downloading', id: 'aa' }, { status: 'Downloading', id: 'aa' }, { status: 'Pull complete', id: 'aa' },
		]), ['out aa: Pulling fs layer\n', 'out aa: Downloading\n', 'out aa: Pull complete\n']);
	});

	it('reads the same from text cut anywhere', async () => {
		const text = 'Step 1/3 : FROM base\n ---> 202c2db72d9d\nStep 2/3 : ENV A=b\n ---> Using cache\n ---> f8506e8aa1de\nStep 3/3 : RUN x\n'
			+ ' ---> Running in 8dba59ff88cf\nhi\nthere\nRemoving intermediate container 8dba59ff88cf\n ---> 5966b7bbbf5a\n';
		const whole = await drawn(streams(text));
		await fc.assert(fc.asyncProperty(fc.array(fc.nat({ max: text.length }), { maxLength: 12 }), async cuts => {
			const places = [0, ...cuts.sort((a, b) => a - b), text.length];
			const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
			assert.deepEqual(joinOutput(await drawn(streams(...pieces))), joinOutput(whole));
		}));
	});
});

async function drawn(messages: readonly BuildMessage[]): Promise<readonly string[]> {
	const lines: string[] = [];
	for await (const event of decodeMessages(from(messages), () => 1)) {
		lines.push(draw(event));
	}
	return lines;
}

async function* from(messages: readonly BuildMessage[]): AsyncGenerator<BuildMessage> {
	await Promise.resolve();
	yield* messages;
}

function streams(...texts: readonly string[]): readonly BuildMessage[] {
	return texts.map(stream => ({ stream }));
}

function draw(event: BuildEvent): string {
	switch (event.kind) {
		case 'vertex': return `vertex ${event.digest} ${event.name}`;
		case 'log': return `${event.stream === 'error' ? 'error output' : 'out'} ${Buffer.from(event.data).toString()}`;
		case 'step': return `step ${event.index}/${event.total} ${event.text}`;
		case 'stageStep': return `stage ${event.stage} ${event.index}/${event.total} ${event.text}`;
		case 'stepCached': return 'cached';
		case 'stepImage': return `stepImage ${event.imageId}`;
		case 'image': return `image ${event.imageId}`;
		case 'error': return `error ${event.message}`;
		default: return event.kind;
	}
}

/** Where output is cut does not matter. */
function joinOutput(lines: readonly string[]): readonly string[] {
	const joined: string[] = [];
	for (const line of lines) {
		const last = joined.at(-1);
		if (line.startsWith('out ') && last?.startsWith('out ')) {
			joined[joined.length - 1] = last + line.slice(4);
		} else {
			joined.push(line);
		}
	}
	return joined;
}
