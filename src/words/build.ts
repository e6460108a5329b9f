import type { ContextErrorKind } from '../core/build/contextError';
import type { BuildFailure } from '../core/build/run';
import type { SecretError } from '../core/build/secretSource';
import type { Dockerfile } from '../core/dockerfile/model';
import { oneLine, shorten } from './rows';
import type { Translate } from './translate';

/** Why the build context could not be packed. */
export function describeContextError(kind: ContextErrorKind, path: string, t: Translate): string {
	switch (kind) {
		case 'missingContext':
			return t('The build context {0} is not a folder that is there.', path);
		case 'missingDockerfile':
			return t('There is no Dockerfile at {0}.', path);
		case 'vanished':
			return t('{0} was in the build context and is gone.', path);
		case 'unreadable':
			return t('{0} is in the build context and cannot be read. Change its permissions, or name it in .dockerignore.', path);
		case 'changedSize':
			return t('{0} grew or shrank while it was sent. Build again when nothing writes to it, or name it in .dockerignore.', path);
	}
}

/** Why a build cannot be given a secret, in one sentence. */
export function describeSecretError({ reason, id, place }: SecretError, t: Translate): string {
	const secret = oneLine(id);
	switch (reason) {
		case 'missingFile':
			return t('Secret {0} should come from {1}, which is not there. Choose where it comes from.', secret, place);
		case 'unreadable':
			return t('Secret {0} should come from {1}, which cannot be read. Choose a file that can.', secret, place);
		case 'unsetVariable':
			return t('Secret {0} should come from the environment variable {1}, which has no value here. Set it before the editor starts, or choose a file.', secret, place);
		case 'tooLong':
			return t('Secret {0} in {1} is longer than the 500 KiB that BuildKit takes.', secret, place);
	}
}

/** Why a build failed, in one sentence for a person. */
export function describeBuildFailure(failure: BuildFailure, dockerfile: Dockerfile, target: string | undefined, t: Translate): string {
	const instruction = failure.instruction === undefined ? undefined : dockerfile.instructions[failure.instruction];
	const words = shorten(oneLine(failure.message), 300);
	switch (failure.kind) {
		case 'instruction': {
			const what = instruction === undefined ? '' : shorten(oneLine(instruction.text), 80);
			return failure.exitCode === undefined
				? t('Line {0} failed: {1}. {2}', failure.line ?? instruction?.line ?? '?', what, words)
				: t('Line {0} failed with exit code {1}: {2}', failure.line ?? instruction?.line ?? '?', failure.exitCode, what);
		}
		case 'syntax':
			return failure.line === undefined ? t('The Dockerfile cannot be read: {0}', words) : t('Line {0} of the Dockerfile cannot be read: {1}', failure.line, words);
		case 'frontend': {
			const syntax = dockerfile.directives.find(({ name }) => name === 'syntax')?.value ?? '';
			return t('The engine cannot fetch the frontend that the Dockerfile asks for (# syntax={0}).', oneLine(syntax));
		}
		case 'target':
			return t('The Dockerfile has no stage {0}.', target ?? '');
		case 'base':
			return failure.line === undefined ? t('A base image cannot be had: {0}', words) : t('The image that line {0} asks for cannot be had: {1}', failure.line, words);
		case 'cycle':
			return t('The stages of the Dockerfile need each other: line {0} leads back to its own stage.', failure.line ?? '?');
		case 'context':
			return failure.context === undefined ? words : describeContextError(failure.context.kind, failure.context.path, t);
		case 'engineGone':
			return t('The engine went away during the build. What was seen until then is kept.');
		case 'other':
			return words;
	}
}
