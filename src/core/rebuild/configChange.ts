import { isSecretName } from '../cache/redactor';
import type { RunConfig } from '../engine/runConfig';

/** A difference of two configs as the instruction that makes it. */
export interface ConfigChange {
	readonly instruction: string;
	/** A secret by its name, or a value that no instruction can say: it must not, or cannot, be written down. */
	readonly unwritable: 'secret' | 'lineBreak' | 'removed' | undefined;
	/** What it is about, for a person: `ENV PATH`. */
	readonly subject: string;
}

/** What a Dockerfile has to say so that an image of `from`'s config has the config of `to`, in the order to say it. */
export function configChanges(from: RunConfig, to: RunConfig): readonly ConfigChange[] {
	const entrypoint = !sameList(from.entrypoint, to.entrypoint);
	return [
		...pairs('ENV', from.env, to.env),
		...pairs('LABEL', from.labels, to.labels).filter(({ subject }) => !subject.startsWith('LABEL dev.strata.')),
		...missing('EXPOSE', from.ports, to.ports),
		...to.volumes.filter(volume => !from.volumes.includes(volume)).map(volume => change(`VOLUME ${JSON.stringify([volume])}`, 'VOLUME')),
		...from.volumes.filter(volume => !to.volumes.includes(volume)).map(volume => removed('VOLUME', volume)),
		...single('SHELL', from.shell, to.shell),
		...from.workdir !== to.workdir && to.workdir !== '' ? [change(`WORKDIR ${escapedWords(to.workdir)}`, 'WORKDIR')] : [],
		...from.user === to.user ? [] : [change(`USER ${to.user === '' ? '0' : to.user}`, 'USER')],
		...from.stopSignal === to.stopSignal || to.stopSignal === undefined ? [] : [change(`STOPSIGNAL ${to.stopSignal}`, 'STOPSIGNAL')],
		...healthcheck(from.healthcheck, to.healthcheck),
		...entrypoint ? [change(`ENTRYPOINT ${JSON.stringify(to.entrypoint)}`, 'ENTRYPOINT')] : [],
		// An ENTRYPOINT takes the base's CMD away.
		...!sameList(from.command, to.command) || (entrypoint && to.command.length > 0) ? [change(`CMD ${JSON.stringify(to.command)}`, 'CMD')] : [],
	].map(one => one.unwritable === undefined && /[\r\n]/.test(one.instruction) ? { ...one, unwritable: 'lineBreak' } : one);
}

function change(instruction: string, subject: string): ConfigChange {
	return { instruction, subject, unwritable: undefined };
}

function removed(keyword: string, name: string): ConfigChange {
	return { instruction: '', subject: `${keyword} ${name}`, unwritable: 'removed' };
}

function pairs(keyword: 'ENV' | 'LABEL', from: Readonly<Record<string, string>>, to: Readonly<Record<string, string>>): readonly ConfigChange[] {
	return [
		...Object.entries(to).filter(([name, value]) => from[name] !== value).map(([name, value]): ConfigChange => ({
			instruction: `${keyword} ${keyword === 'LABEL' ? doubleQuoted(name) : name}=${doubleQuoted(value)}`,
			subject: `${keyword} ${name}`,
			unwritable: keyword === 'ENV' && isSecretName(name) ? 'secret' : undefined,
		})),
		...Object.keys(from).filter(name => !(name in to)).map(name => removed(keyword, name)),
	];
}

function missing(keyword: string, from: readonly string[], to: readonly string[]): readonly ConfigChange[] {
	const added = to.filter(item => !from.includes(item));
	return [
		...added.length === 0 ? [] : [change(`${keyword} ${added.join(' ')}`, keyword)],
		...from.filter(item => !to.includes(item)).map(item => removed(keyword, item)),
	];
}

function single(keyword: string, from: readonly string[] | undefined, to: readonly string[] | undefined): readonly ConfigChange[] {
	return to === undefined || sameList(from ?? [], to) ? [] : [change(`${keyword} ${JSON.stringify(to)}`, keyword)];
}

function healthcheck(from: RunConfig['healthcheck'], to: RunConfig['healthcheck']): readonly ConfigChange[] {
	if (to === undefined || JSON.stringify(from) === JSON.stringify(to)) {
		return [];
	}
	const [kind, ...command] = to.test;
	if (kind === 'NONE') {
		return [change('HEALTHCHECK NONE', 'HEALTHCHECK')];
	}
	const flags = [
		...duration('interval', to.intervalMs), ...duration('timeout', to.timeoutMs), ...duration('start-period', to.startPeriodMs),
		...to.retries === undefined ? [] : [`--retries=${to.retries}`],
	];
	const words = kind === 'CMD-SHELL' ? command.join(' ') : JSON.stringify(command);
	return [change(['HEALTHCHECK', ...flags, 'CMD', words].join(' '), 'HEALTHCHECK')];
}

function duration(name: string, ms: number | undefined): readonly string[] {
	return ms === undefined ? [] : [`--${name}=${ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`}`];
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((item, at) => item === other[at]);
}

/** A value of ENV or LABEL that reads back as it is: quotes, backslashes and variables are escaped. */
function doubleQuoted(value: string): string {
	return /^[\w./:@%+,=-]+$/.test(value) ? value : `"${value.replace(/[\\"$]/g, character => `\\${character}`)}"`;
}

/** Words outside quotes, in which `$` and `\` mean something. */
function escapedWords(text: string): string {
	return text.replace(/[\\$]/g, character => `\\${character}`);
}
