import type { RegistryError } from '../core/registryError';
import type { Translate } from './translate';

/** Why a pull or push failed and what to do, in one sentence. */
export function describeRegistryError({ reason, reference, message }: RegistryError, t: Translate): string {
	const registry = registryWords(reference);
	switch (reason) {
		case 'unauthorized': return t('{0} requires sign-in for {1}. Sign in, or use docker login.', registry, reference);
		case 'denied': return t('{0} has no {1}, or does not let you have it. Check the name; if it is private, sign in.', registry, reference);
		case 'notFound': return t('{0} has no {1}. Check the name and the tag.', registry, reference);
		case 'rateLimited': return t('{0} lets you pull no more for now: its limit is reached. Sign in for a higher one, or wait.', registry);
		case 'tls': return t('No secure connection from the engine to {0}: {1}. The engine has to trust its certificate (certs.d on the engine\'s machine).', registry, message);
		case 'plainHttp': return t('{0} speaks plain HTTP, which the engine refuses. If you trust the network, name it under insecure-registries in the engine\'s configuration.', registry);
		case 'unreachable': return t('The engine does not reach {0}: {1}. Check the name, the network and the engine\'s proxy.', registry, message);
		case 'interrupted': return t('The connection to {0} broke ({1}). Nothing half is kept; try again.', registry, message);
		case 'noPlatform': return t('{0} is not there for this platform: {1}. Choose another platform.', reference, message);
		case 'failed': return t('{0}: {1}', reference, message);
	}
}

/** The registry of a reference as people call it. */
export function registryWords(reference: string): string {
	const [first = '', ...rest] = reference.split('/');
	return rest.length > 0 && /[.:]|^localhost$/.test(first) && first !== 'docker.io' ? first : 'Docker Hub';
}
