import assert from 'node:assert/strict';
import { EngineError, type EngineErrorReason } from '../../../src/core/engine/engineError';
import { describeEngineError } from '../../../src/words/engine';
import { english } from '../../../src/words/translate';

const reasons = ['noEngine', 'unreachable', 'denied', 'tls', 'tooOld', 'unknownContext', 'notFound', 'conflict', 'unauthorized', 'badRequest', 'unsupported', 'failed'] satisfies readonly EngineErrorReason[];

const said = (reason: EngineErrorReason) => describeEngineError(new EngineError(reason, 'engine words', 'the subject'), english);

describe('describeEngineError', () => {
	it('has a sentence of its own for every reason', () => {
		assert.equal(new Set(reasons.map(reason => said(reason).message)).size, reasons.length);
		for (const reason of reasons) {
			assert.match(said(reason).message, /the subject|engine words/, reason);
			assert.doesNotMatch(said(reason).message, /\{\d\}|undefined/, reason);
		}
	});

	it('says what to do where the engine cannot be used', () => {
		assert.deepEqual(reasons.map(reason => `${reason} → ${said(reason).action}`), [
			'noEngine → start', 'unreachable → start', 'denied → selectEngine', 'tls → selectEngine', 'tooOld → selectEngine', 'unknownContext → selectEngine',
			'notFound → retry', 'conflict → undefined', 'unauthorized → signIn', 'badRequest → undefined', 'unsupported → selectEngine', 'failed → showLog',
		]);
	});
});
