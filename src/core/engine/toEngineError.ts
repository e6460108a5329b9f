import { EngineError, isEngineError, type EngineErrorReason } from './engineError';

/** An error of the system or of TLS, on the way to an engine, as ours. An `EngineError` stays what it is. */
export function connectionError(cause: unknown, subject: string): EngineError {
	if (isEngineError(cause)) {
		return cause;
	}
	const message = cause instanceof Error ? cause.message : String(cause);
	return new EngineError(connectionReason(codeOf(cause)), message, subject, { cause });
}

/** An answer of the engine that says no. `body` is the answer's text. */
export function answerError(status: number, body: string, subject: string | undefined): EngineError {
	const message = messageOf(body) || `HTTP ${status}`;
	if (status === 400 && message.includes('HTTP request to an HTTPS server')) {
		return new EngineError('tls', message, subject);
	}
	// Podman answers 500 where Docker says that there is a conflict.
	const reason = status === 500 && podmanConflict.test(message) ? 'conflict' : answerReason(status, subject);
	return new EngineError(reason, message, subject);
}

/** Podman's causes (libpod/define/errors.go; containers/storage errors.go; containers/common libimage/image.go). */
const podmanConflict = /container state improper$|that name is already in use$|please force removal$/;

function connectionReason(code: string): EngineErrorReason {
	switch (code) {
		case 'ENOENT':
			return 'noEngine';
		case 'EACCES':
		case 'EPERM':
			return 'denied';
		default:
			return tlsCode.test(code) ? 'tls' : 'unreachable';
	}
}

/** Node's and OpenSSL's names for a handshake that failed. */
const tlsCode = /^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|CRL_|ERROR_IN_)/;

function answerReason(status: number, subject: string | undefined): EngineErrorReason {
	switch (status) {
		case 400:
			return 'badRequest';
		case 401:
		case 403:
			return 'unauthorized';
		case 404:
			// Where nothing was named, what is missing is the call itself.
			return subject === undefined ? 'unsupported' : 'notFound';
		case 405:
		case 501:
			return 'unsupported';
		case 409:
			return 'conflict';
		default:
			return 'failed';
	}
}

/** The engine's words: `{"message": …}`, Podman's `{"cause", "message"}`, or a plain text of a proxy. */
function messageOf(body: string): string {
	try {
		const parsed: unknown = JSON.parse(body);
		if (typeof parsed === 'object' && parsed !== null && 'message' in parsed && typeof parsed.message === 'string') {
			return parsed.message.trim();
		}
	} catch {
		// Not JSON: the text itself.
	}
	return body.trim().slice(0, 2000);
}

function codeOf(cause: unknown): string {
	return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}
