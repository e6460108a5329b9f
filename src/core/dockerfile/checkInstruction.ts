import { heredocStart } from './heredoc';
import { flagKind, isKeyword } from './keyword';
import type { DockerfileProblem, Instruction } from './model';
import { argNames, nameValues } from './nameValue';
import { splitBySpace } from './space';

type Found = Pick<DockerfileProblem, 'kind' | 'subject'>;

/** What the frontend would refuse in one instruction, by itself (BuildKit instructions/parse.go). */
export function checkInstruction(instruction: Instruction, escape: '\\' | '`'): readonly Found[] {
	const { keyword } = instruction;
	if (!isKeyword(keyword)) {
		return [{ kind: 'unknownInstruction', subject: keyword }];
	}
	return [...checkFlags(instruction), ...checkArguments(instruction, escape)];
}

function checkFlags(instruction: Instruction): readonly Found[] {
	const { keyword, flags } = instruction;
	// These two never read their flags, nor does HEALTHCHECK NONE.
	if (!isKeyword(keyword) || keyword === 'ARG' || keyword === 'STOPSIGNAL' || /^none$/i.test(instruction.args)) {
		return [];
	}
	return flags.flatMap((flag, index): readonly Found[] => {
		const subject = `--${flag.name}`;
		const kind = flagKind(keyword, flag.name);
		if (kind === undefined) {
			return [{ kind: 'unknownFlag', subject }];
		}
		const isRepeated = kind !== 'many' && flags.findIndex(other => other.name === flag.name) < index;
		const isWrong = kind === 'switch' ? !/^(true|false)$/i.test(flag.value ?? 'true') : flag.value === undefined;
		return isRepeated || isWrong ? [{ kind: 'invalidArguments', subject }] : [];
	});
}

function checkArguments(instruction: Instruction, escape: '\\' | '`'): readonly Found[] {
	const { keyword, args, json } = instruction;
	const missing: Found = { kind: 'missingArguments', subject: keyword };
	switch (keyword) {
		case 'FROM':
			return checkFrom(args);
		case 'ADD':
		case 'COPY': {
			const words = json ?? splitBySpace(args);
			const destination = words.at(-1);
			if (words.length < 2 || destination === undefined) {
				return [missing];
			}
			return heredocStart(destination) === undefined ? [] : [{ kind: 'invalidArguments', subject: destination }];
		}
		case 'ENV':
		case 'LABEL':
			return args === '' ? [missing] : nameValues(args, escape)
				.filter(pair => pair.value === undefined || pair.name === '')
				.map(pair => pair.value === undefined && args === pair.name
					? missing : { kind: 'invalidArguments', subject: pair.value === undefined ? pair.name : `=${pair.value}` });
		case 'ARG':
			return args === '' ? [missing] : argNames(args, escape)
				.filter(pair => pair.name === '').map(pair => ({ kind: 'invalidArguments', subject: `=${pair.value ?? ''}` }));
		case 'SHELL':
			if (args === '' || json?.length === 0) {
				return [missing];
			}
			return json === undefined ? [{ kind: 'invalidJson', subject: args }] : [];
		case 'HEALTHCHECK':
			return checkHealthcheck(args, json);
		case 'ONBUILD':
			return checkTrigger(instruction);
		case 'EXPOSE':
		case 'MAINTAINER':
		case 'STOPSIGNAL':
		case 'USER':
		case 'WORKDIR':
			return args === '' ? [missing] : [];
		case 'VOLUME':
			return args === '' || json?.length === 0 || json?.some(path => path.trim() === '') === true ? [missing] : [];
		default:
			return [];
	}
}

function checkFrom(args: string): readonly Found[] {
	const words = splitBySpace(args);
	if (words.length === 1) {
		return [];
	}
	const name = words[2];
	if (words.length !== 3 || name === undefined || !/^as$/i.test(words[1]!)) {
		return [{ kind: 'invalidFrom', subject: args }];
	}
	return /^[a-z][a-z0-9\-_.]*$/i.test(name) ? [] : [{ kind: 'invalidFrom', subject: name }];
}

function checkHealthcheck(args: string, json: readonly string[] | undefined): readonly Found[] {
	const [type, ...rest] = splitBySpace(args);
	switch (type?.toUpperCase()) {
		case undefined:
			return [{ kind: 'missingArguments', subject: 'HEALTHCHECK' }];
		case 'NONE':
			return rest.length === 0 ? [] : [{ kind: 'invalidArguments', subject: rest.join(' ') }];
		case 'CMD':
			return rest.length === 0 || json?.length === 0 ? [{ kind: 'missingArguments', subject: 'HEALTHCHECK' }] : [];
		default:
			return [{ kind: 'invalidArguments', subject: type ?? '' }];
	}
}

function checkTrigger(instruction: Instruction): readonly Found[] {
	const trigger = instruction.trigger?.keyword;
	if (trigger === undefined) {
		return [{ kind: 'missingArguments', subject: 'ONBUILD' }];
	}
	return ['ONBUILD', 'FROM', 'MAINTAINER'].includes(trigger) ? [{ kind: 'invalidArguments', subject: trigger }] : [];
}
