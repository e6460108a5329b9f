import type { ResolvedDockerfile, ResolvedInstruction } from '../dockerfile/resolved';
import { originOf } from '../dockerfile/origin';
import type { ShowVariable } from './environment';
import { isSecretName, Redactor } from './redactor';
import type { InputsRequest } from './stepRequest';

/**
 * All that the steps of a build are made of besides their instructions: the same object as long as it is the same, so that
 * what was found of an instruction once is known to hold.
 */
export interface Ground extends Pick<InputsRequest, 'rules' | 'network' | 'platform' | 'bases'> {
	readonly buildArgs: string;
	readonly writtenPath: string | undefined;
	readonly redactor: Redactor;
	readonly show: ShowVariable;
}

/** The last one, by build context. */
const grounds = new WeakMap<object, Ground>();

export function groundOf(request: InputsRequest): Ground {
	const { rules, network, platform, bases, context, written } = request;
	const buildArgs = JSON.stringify(request.buildArgs);
	const redactor = redactorOf(request);
	const last = grounds.get(context);
	if (last !== undefined && last.rules === rules && last.network === network && last.platform === platform && last.bases === bases
		&& last.buildArgs === buildArgs && last.writtenPath === written?.path && last.redactor.isLike(redactor)) {
		return last;
	}
	const ground: Ground = { rules, network, platform, bases, buildArgs, redactor, writtenPath: written?.path, show: (name, value) => `${name}=${redactor.value(name, value)}` };
	grounds.set(context, ground);
	return ground;
}

function redactorOf({ secretKey, buildArgs, resolved }: InputsRequest): Redactor {
	const redactor = new Redactor(secretKey);
	for (const [name, value] of [...Object.entries(buildArgs), ...secretsOf(resolved)]) {
		redactor.learn(name, value);
	}
	return redactor;
}

type Named = readonly (readonly [name: string, value: string])[];

function secretsOf({ instructions, stages }: ResolvedDockerfile): Named {
	const found: (readonly [string, string])[] = [];
	for (const resolved of instructions) {
		found.push(...secretsIn(resolved));
	}
	for (const { triggers } of stages) {
		found.push(...triggers.flatMap(secretsIn));
	}
	return found;
}

const secrets = new WeakMap<object, Named>();

/** What an instruction gives to names that look secret. */
function secretsIn(resolved: ResolvedInstruction): Named {
	const key = originOf(resolved);
	let found = secrets.get(key);
	if (found === undefined) {
		const { env, sets, text, instruction: { keyword } } = resolved;
		found = [
			...keyword === 'FROM' ? Object.entries(env.all()) : [],
			...Object.entries(sets),
			// A default that the build overrides is in no scope, and a last ENV in none that anybody sees.
			...keyword === 'ARG' || keyword === 'ENV' ? [...text.matchAll(/([A-Za-z_]\w*)=(\S+)/g)].map(match => [match[1]!, match[2]!] as const) : [],
		].filter(([name]) => isSecretName(name));
		secrets.set(key, found);
	}
	return found;
}
