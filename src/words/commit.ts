import { formatBytes } from '../core/base/bytes';
import { commitKeywords, type CommitChangeProblem, type CommitPreview } from '../core/commitPlan';
import type { Translate } from './translate';

/** What is wrong with a change, in one sentence. */
export function describeChangeProblem(problem: CommitChangeProblem, translate: Translate): string {
	const { kind, subject } = problem;
	switch (kind) {
		case 'empty':
			return translate('Write an instruction, for example: CMD ["nginx"].');
		case 'severalLines':
			return translate('Write one instruction on one line.');
		case 'notAllowed':
			return translate('{0} cannot be applied by a commit. Possible are: {1}.', subject, commitKeywords.join(', '));
		case 'needsNewerEngine':
			return translate('This engine is too old to apply {0}; Docker 23 or newer can.', subject);
		case 'missingArguments':
			return translate('{0} needs something behind it.', subject);
		case 'badPort':
			return translate('"{0}" is not a port, like 8080, 8080/udp or 8000-8010.', subject);
		case 'badTrigger':
			return translate('ONBUILD cannot trigger {0}.', subject);
		case 'badHealthcheck':
			return translate('HEALTHCHECK is followed by NONE, or by CMD and a command.');
		case 'badAssignment':
			return translate('{0} is followed by NAME=value.', subject);
	}
}

/** What would go into the new layer, on one line. */
export function describePreview(preview: CommitPreview, translate: Translate): string {
	const counts = translate('{0} added, {1} changed, {2} removed', preview.added, preview.modified, preview.removed);
	const size = preview.measured < preview.measurable
		? translate('{0} in {1} of {2} files looked at', formatBytes(preview.bytes), preview.measured, preview.measurable)
		: formatBytes(preview.bytes);
	const mounted = preview.mounted > 0 ? [translate('{0} under mounts stay out', preview.mounted)] : [];
	return [counts, size, ...mounted].join(' · ');
}

/** What a commit cannot do, said before it is done. */
export function describeCommitLimits(translate: Translate): string {
	return translate('Its history will show only the container\'s command. A Dockerfile keeps every step.');
}

/** What a commit that is cancelled under way still does. */
export function describeCommitCancel(translate: Translate): string {
	return translate('Commit cancelled: the engine finishes what it began, and the image is removed then.');
}
