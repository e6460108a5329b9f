import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonLines } from '../../../src/core/engine/jsonLines';

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
	const at = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
	for (let index = 1; index < at.length; index++) {
		yield bytes.subarray(at[index - 1], at[index]);
	}
}

async function valuesOf(text: string, ...cuts: number[]): Promise<unknown[]> {
	const values: unknown[] = [];
	for await (const value of jsonLines(chunksOf(Buffer.from(text), cuts))) {
		values.push(value);
	}
	return values;
}

describe('jsonLines', () => {
	it('reads the same values wherever the chunks are cut, also within a character', async () => {
		await fc.assert(fc.asyncProperty(fc.array(fc.jsonValue()), fc.array(fc.nat()), async (values, cuts) => {
			const lines = values.map(value => `${JSON.stringify(value)}\n`).join('');
			assert.deepEqual(await valuesOf(lines, ...cuts), values.map(value => JSON.parse(JSON.stringify(value)) as unknown));
		}));
		assert.deepEqual(await valuesOf('{"stream":"größe €"}\n', 14, 15, 20, 21), [{ stream: 'größe €' }]);
	});

	it('takes CRLF, empty lines and a last line without an end', async () => {
		assert.deepEqual(await valuesOf('{"a":1}\r\n\r\n\n{"b":2}'), [{ a: 1 }, { b: 2 }]);
	});

	it('throws on what is not JSON, with its beginning', async () => {
		await assert.rejects(valuesOf('{"a":1}\n<html>\n'), { name: 'EngineError', reason: 'failed', message: '<html>' });
	});

	it('does not keep a line without end', async () => {
		async function* endless(): AsyncGenerator<Uint8Array> {
			const megabytes = Buffer.alloc(8 * 1024 * 1024, 'x');
			for (;;) {
				yield megabytes;
			}
		}
		await assert.rejects(async () => {
			for await (const value of jsonLines(endless())) {
				assert.fail(String(value));
			}
		}, { name: 'EngineError', reason: 'failed' });
	});
});
