import type { ImageDockerfile, RecoveredInstruction, UnknownPart } from '../core/rebuild/imageDockerfile';
import { dockerfileComment } from './dockerfileComment';
import { oneLine } from './rows';
import type { Translate } from './translate';

/** The Dockerfile that an image's history tells of, and openly what it does not tell. */
export function imageDockerfileText({ base, instructions }: ImageDockerfile, image: { readonly name: string; readonly id: string }, t: Translate): string {
	const unknown = new Set(instructions.flatMap(one => one.unknown));
	const notes = [
		t('The Dockerfile of {0} as far as its history tells ({1}).', oneLine(image.name), image.id),
		t('Not recorded in an image: comments, other stages, ARG defaults, and where instructions were wrapped.'),
		...([...unknown].map(part => partWords(part, t))),
	];
	const from = base === undefined
		? [dockerfileComment(t('No image on this engine is known to be its base: these are all its instructions, those of its base included.')), 'FROM scratch']
		: [
			...base.kind === 'digest' ? [] : [dockerfileComment(t('The base is the image here whose layers this one continues; what FROM said is not recorded.'))],
			`FROM ${base.text}`,
		];
	return `${[
		notes.map(dockerfileComment).join('\n'),
		from.join('\n'),
		...instructions.map(instructionText(t)),
	].join('\n\n')}\n`;
}

function instructionText(t: Translate): (instruction: RecoveredInstruction) => string {
	return ({ text, unknown, buildArguments, isInstruction }) => [
		...buildArguments.length === 0 ? [] : [`# ${t('Build arguments: {0}', buildArguments.map(({ name, value }) => value === undefined ? name : `${name}=${oneLine(value)}`).join(' '))}`],
		...unknown.includes('instruction') ? [dockerfileComment(t('No builder wrote this row: a RUN without a shell, a commit, an import or another tool. Its files are all there is to know.'))] : [],
		...isInstruction ? [text.replace(/[\r\n]+$/, '')] : text.split('\n').map(line => `# ${oneLine(line)}`),
	].join('\n');
}

function partWords(part: UnknownPart, t: Translate): string {
	switch (part) {
		case 'sources': return t('Of COPY and ADD: the files themselves, and --from: they may come from the build context or from another stage.');
		case 'sourceNames': return t('Of COPY and ADD by the classic builder: even the names of the sources (…); such lines are comments here.');
		case 'mounts': return t('Of RUN: --mount, so also secrets and caches that it used, and --network.');
		case 'instruction': return t('Of a commit, an import or a RUN without a shell: everything but the layer and the command.');
	}
}
