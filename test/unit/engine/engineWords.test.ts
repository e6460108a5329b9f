import assert from 'node:assert/strict';
import { EngineError, type EngineErrorReason } from '../../../src/core/engine/engineError';
import { connectionError } from '../../../src/core/engine/toEngineError';
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

	it('says of a way through ssh what ssh says', () => {
		assert.equal(describeEngineError(new EngineError('unreachable', 'Permission denied (publickey).', 'ssh://me@far'), english).message,
			'No way to ssh://me@far. ssh says: Permission denied (publickey). Try it in a terminal; the far machine needs the docker command.');
	});

	it('has a sentence of its own for what may be wrong with certificates', () => {
		const codes = ['SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
			'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_OTHER'];
		const sentences = codes.map(code => describeEngineError(connectionError(Object.assign(new Error('words'), { code }), 'tcp://far'), english).message);
		assert.equal(new Set(sentences).size, codes.length);
		assert.ok(sentences.every(sentence => /^No secure connection to tcp:\/\/far: .*\.$/.test(sentence)), sentences.join('\n'));
	});

	it('knows what failed while something was written by its sentence alone', () => {
		const said = (message: string): string => describeEngineError(connectionError(Object.assign(new Error(message), { code: 'EPROTO' }), 'tcp://far'), english).message;
		assert.match(said('write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:355:'), /speaks no TLS/);
		assert.match(said('write EPROTO 80:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:rec_layer_s3.c:1605:'), /does not accept your cert\.pem/);
		assert.doesNotMatch(said('write EPROTO 80:error:0A000438:SSL routines:ssl3_read_bytes:tlsv1 alert internal error:rec_layer_s3.c:1605:'), /speaks no TLS/);
	});

	it('says what to do where the engine cannot be used', () => {
		assert.deepEqual(reasons.map(reason => `${reason} → ${said(reason).action}`), [
			'noEngine → start', 'unreachable → start', 'denied → selectEngine', 'tls → selectEngine', 'tooOld → selectEngine', 'unknownContext → selectEngine',
			'notFound → retry', 'conflict → undefined', 'unauthorized → signIn', 'badRequest → undefined', 'unsupported → selectEngine', 'failed → showLog',
		]);
	});
});
