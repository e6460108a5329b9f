import type { EngineError } from './engineError';

/** What was wrong with a TLS connection, as far as Node and OpenSSL tell. */
export type TlsProblem =
	/** The engine's certificate: signed by nobody that is trusted, over, for another address. */
	| 'engineNotTrusted' | 'engineExpired' | 'otherAddress'
	/** The engine's no to ours: there is none, it trusts nobody who signed it, it is over. */
	| 'noClientCertificate' | 'clientNotTrusted' | 'clientExpired'
	/** Whatever listens there speaks no TLS. */
	| 'noTls';

/** Undefined: something else. */
export function tlsProblem({ cause }: EngineError): TlsProblem | undefined {
	const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
	// Of what fails while something is written, only the sentence says what it was: `write EPROTO …:wrong version number:…`.
	const name = code === 'EPROTO' && cause instanceof Error ? cause.message.toUpperCase().replaceAll(' ', '_') : code;
	return problems.find(([pattern]) => pattern.test(name))?.[1];
}

/** Names of OpenSSL's verification results and alerts, as Node has them. */
const problems: readonly (readonly [RegExp, TlsProblem])[] = [
	[/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA/, 'engineNotTrusted'],
	[/^CERT_(HAS_EXPIRED|NOT_YET_VALID)/, 'engineExpired'],
	[/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'otherAddress'],
	[/ALERT_CERTIFICATE_REQUIRED/, 'noClientCertificate'],
	[/ALERT_CERTIFICATE_EXPIRED/, 'clientExpired'],
	[/ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)/, 'clientNotTrusted'],
	[/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/, 'noTls'],
];
