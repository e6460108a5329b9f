import type { EngineError } from '../core/engine/engineError';
import { tlsProblem } from '../core/engine/tlsProblem';
import type { Translate } from './translate';

export interface EngineErrorWords {
	readonly message: string;
	/** What the person can do about it. */
	readonly action: 'start' | 'selectEngine' | 'showLog' | 'signIn' | 'retry' | undefined;
}

/** Why the engine could not do a thing and what to do, for a person. The engine's own words are quoted where they say more. */
export function describeEngineError(error: EngineError, t: Translate): EngineErrorWords {
	const subject = error.subject ?? '';
	switch (error.reason) {
		case 'noEngine':
			return { message: t('No engine at {0}. Install or start Docker or Podman, or select another engine.', subject), action: 'start' };
		case 'unreachable':
			return subject.startsWith('ssh://')
				? { message: t('No way to {0}. ssh says: {1} Try it in a terminal; the far machine needs the docker command.', subject, sentence(error.message)), action: 'selectEngine' }
				: { message: t('The engine at {0} does not answer. Start it, or select another engine.', subject), action: 'start' };
		case 'denied':
			return { message: t('You may not use the engine at {0}. On Linux, add yourself to its group (sudo usermod -aG docker $USER) and sign in again, or use a rootless engine.', subject), action: 'selectEngine' };
		case 'tls':
			return { message: t('No secure connection to {0}: {1}', subject, tlsWords(error, t)), action: 'selectEngine' };
		case 'tooOld':
			return { message: t('The engine at {0} is too old. Strata needs Docker 20.10 or later (API 1.41).', subject), action: 'selectEngine' };
		case 'unknownContext':
			return { message: t('There is no Docker context “{0}”. Create it with docker context create, or select another engine.', subject), action: 'selectEngine' };
		case 'notFound':
			return { message: t('The engine does not have {0} any more.', subject), action: 'retry' };
		case 'conflict':
			return { message: t('The engine cannot do this while something is in its way: {0}', error.message), action: undefined };
		case 'unauthorized':
			return { message: t('The registry or the engine asks for credentials: {0}. Sign in with docker login.', error.message), action: 'signIn' };
		case 'badRequest':
			return { message: t('Not accepted: {0}', error.message), action: undefined };
		case 'unsupported':
			return { message: t('This engine cannot do that: {0}', error.message), action: 'selectEngine' };
		case 'failed':
			return { message: t('The engine failed: {0}', error.message), action: 'showLog' };
	}
}

/** `ca.pem`, `cert.pem` and `key.pem` are in the folder of the Docker context, or in DOCKER_CERT_PATH. */
function tlsWords(error: EngineError, t: Translate): string {
	switch (tlsProblem(error)) {
		case 'engineNotTrusted':
			return t('nobody named in ca.pem has signed its certificate. Take the ca.pem of this engine, into its Docker context or DOCKER_CERT_PATH.');
		case 'engineExpired':
			return t('its certificate is not valid today. Whoever runs the engine has to renew it.');
		case 'otherAddress':
			return t('its certificate is for another address. Use the address that it names.');
		case 'noClientCertificate':
			return t('it wants to see a certificate of yours. Put cert.pem and key.pem into its Docker context or DOCKER_CERT_PATH.');
		case 'clientNotTrusted':
			return t('it does not accept your cert.pem: nobody whom it trusts has signed it. Ask whoever runs the engine for another.');
		case 'clientExpired':
			return t('your cert.pem is not valid any more. Ask whoever runs the engine for another.');
		case 'noTls':
			return t('what listens there speaks no TLS. Use its address without certificates, or another address.');
		case undefined:
			return t('{0} Check the certificates of its Docker context or of DOCKER_CERT_PATH, and that the address is right.', sentence(error.message));
	}
}

function sentence(words: string): string {
	return /[.!?]$/.test(words) ? words : `${words}.`;
}
