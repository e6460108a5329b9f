import { formatDuration } from '../core/base/duration';
import type { Reason } from '../core/cache/reason';
import type { LineFacts } from '../core/lineFacts';
import { causedBy, missChain, type MissesOf, type MissLink } from '../core/missChain';
import { codeSpan, escapeMarkdown } from './markdown';
import { changedFiles, foretoldSentence, reasonSentence, reasonWords } from './reason';
import { shorten } from './rows';
import type { Translate } from './translate';

/**
 * Why a line ran, or will, as a page in Markdown: the chain from the first cause to this line, what it cost, and what to
 * do. Undefined where the line has no reason.
 */
export function explainPage(lines: readonly LineFacts[], instruction: number, misses: MissesOf, t: Translate): string | undefined {
	const chain = missChain(lines, instruction, misses);
	const [cause] = chain;
	const own = chain.at(-1);
	if (cause === undefined || own === undefined) {
		return undefined;
	}
	const isNext = misses === 'next';
	const caused = causedBy(lines, cause.facts.instruction, misses);
	const title = !isNext ? t('Why line {0} ran', own.facts.line)
		: own.isCertain ? t('Why line {0} will rebuild', own.facts.line) : t('Why line {0} may rebuild', own.facts.line);
	return [
		`# ${escapeMarkdown(title)}`,
		codeSpan(shorten(own.facts.text)),
		...isNext ? [`_${escapeMarkdown(t('A forecast: what the next build will do, as recorded builds and the files say.'))}_`] : [],
		`## ${escapeMarkdown(t('The first cause'))}`,
		causeWords(cause, isNext, t),
		...evidence(cause.reason, t),
		...chain.length < 2 ? [] : [`## ${escapeMarkdown(t('From there to this line'))}`, chain.map(link => `1. ${linkWords(link, isNext, t)}`).join('\n')],
		...own.isCertain ? [] : [`## ${escapeMarkdown(t('What it depends on'))}`, dependence(cause, own, t)],
		...costOf(caused, isNext, t),
		`## ${escapeMarkdown(t('What to do'))}`,
		adviceFor(cause, lines, caused, isNext, t).map(advice => `- ${advice}`).join('\n'),
		'',
	].join('\n\n');
}

function causeWords({ facts, reason }: MissLink, isNext: boolean, t: Translate): string {
	return `${escapeMarkdown(t('Line {0}', facts.line))} ${codeSpan(shorten(facts.text))}: **${escapeMarkdown(reasonWords(reason, t) || t('never built before'))}**. ${escapeMarkdown(sentence(reason, isNext, t))}`;
}

function linkWords({ facts, reason, isCertain }: MissLink, isNext: boolean, t: Translate): string {
	const verb = !isNext ? t('ran') : isCertain ? t('will rebuild') : t('may rebuild');
	return `${escapeMarkdown(t('Line {0}', facts.line))} ${codeSpan(shorten(facts.text, 100))} ${escapeMarkdown(`${verb}: ${sentence(reason, isNext, t)}`)}`;
}

function sentence(reason: Reason, isNext: boolean, t: Translate): string {
	return isNext ? foretoldSentence(reason, t) : reasonSentence(reason, t);
}

/** What may yet bring a line from the cache that by all that is recorded has to rebuild. */
function dependence(cause: MissLink, own: MissLink, t: Translate): string {
	return escapeMarkdown(cause === own
		? t('The engine holds what another build made, in a terminal for instance, of which nothing is recorded. It may be this line; then the line comes from the cache. Only the build finds out.')
		: t('The engine holds what another build made, in a terminal for instance, of which nothing is recorded. It may be line {0} and this one; then they come from the cache. Only the build finds out.', cause.facts.line));
}

/** What proves the reason, in full. */
function evidence(reason: Reason, t: Translate): readonly string[] {
	const files = changedFiles(reason, t);
	const rest = reason.kind === 'filesChanged' && reason.total !== undefined ? reason.total - files.length : 0;
	if (files.length > 0) {
		return [[...files.map(({ path, how }) => `- ${codeSpan(path)} ${escapeMarkdown(how)}`), ...rest > 0 ? [`- ${escapeMarkdown(t('{0} more', rest))}`] : []].join('\n')];
	}
	switch (reason.kind) {
		case 'instructionChanged': return [[`- ${escapeMarkdown(t('Before:'))} ${codeSpan(reason.before)}`, `- ${escapeMarkdown(t('After:'))} ${codeSpan(reason.after)}`].join('\n')];
		case 'baseChanged': return [[`- ${escapeMarkdown(t('Before:'))} ${codeSpan(reason.old)}`, `- ${escapeMarkdown(t('After:'))} ${codeSpan(reason.new)}`].join('\n')];
		default: return [];
	}
}

/** What the first cause cost in all. */
function costOf(caused: readonly MissLink[], isNext: boolean, t: Translate): readonly string[] {
	const known = caused.flatMap(({ facts }) => facts.durationMs ?? []);
	if (known.length === 0 || caused.length < 2) {
		return [];
	}
	const lines = caused.map(({ facts }) => String(facts.line)).join(', ');
	const time = formatDuration(known.reduce((sum, one) => sum + one, 0));
	return [escapeMarkdown(caused.some(({ isCertain }) => !isCertain)
		? t('It may make {0} lines rebuild ({1}), which took {2} last time.', caused.length, lines, time)
		: isNext ? t('It makes {0} lines rebuild ({1}), which took {2} last time.', caused.length, lines, time)
		: t('It made {0} lines run ({1}), which took {2}.', caused.length, lines, time))];
}

/** Commands that only need a list of dependencies, and the files that have it. */
const installers: readonly (readonly [command: RegExp, manifests: string])[] = [
	[/\b(?:npm (?:ci|i|install)|yarn(?: install)?|pnpm (?:i|install))\b/, 'package.json package-lock.json'],
	[/\bpip3? install\b/, 'requirements.txt'],
	[/\bgo mod download\b/, 'go.mod go.sum'],
	[/\bbundle install\b/, 'Gemfile Gemfile.lock'],
	[/\bcomposer install\b/, 'composer.json composer.lock'],
	[/\bcargo (?:fetch|build)\b/, 'Cargo.toml Cargo.lock'],
	[/\bmvn\b.*\bdependency:go-offline\b/, 'pom.xml'],
];

/** What would have spared the work; Markdown. */
function adviceFor({ facts, reason, isCertain }: MissLink, lines: readonly LineFacts[], caused: readonly MissLink[], isNext: boolean, t: Translate): readonly string[] {
	if (!isCertain) {
		return [escapeMarkdown(t('Build once: what the engine then finds is recorded, and the next forecast is certain of it.'))];
	}
	const below = caused.filter(link => link.facts.stage === facts.stage && link.facts.line > facts.line).map(link => link.facts);
	switch (reason.kind) {
		case 'filesChanged': return filesAdvice(facts, reason, below, t);
		case 'argumentChanged': {
			const arg = lines.find(({ keyword, text }) => keyword === 'ARG' && text.includes(reason.name));
			return [arg === undefined || below.length === 0
				? escapeMarkdown(t('Whatever uses {0} has to run when its value changes. Use it in as few lines as possible, as far down as possible.', reason.name))
				: escapeMarkdown(t('Declare {0} (line {1}) below the lines that do not need it: every RUN after an ARG depends on its value.', reason.name, arg.line))];
		}
		case 'environmentChanged': return [escapeMarkdown(t('Set {0} below the lines that do not need it: every RUN after an ENV depends on its value.', reason.name))];
		case 'baseChanged': return [
			`${escapeMarkdown(t('Pin the base to what it is now, so that it changes only when you say so:'))} ${codeSpan(`FROM ${reason.reference.split('@')[0]!}@${reason.new}`)}`,
		];
		case 'instructionChanged': return [escapeMarkdown(below.length === 0
			? t('An edited line has to run. There is nothing to save here.')
			: t('An edited line has to run, and all below it. Keep lines that you edit often as far down as possible.'))];
		case 'remoteChanged': return [`${escapeMarkdown(t('Pin what is downloaded:'))} ${codeSpan('ADD --checksum=sha256:…')}`];
		case 'noCache': return [escapeMarkdown(t('Build without that option to use the cache.'))];
		case 'cachePruned': return [escapeMarkdown(t('Give the engine\'s build cache more room, or prune it less often. The view Build Cache shows what is in it.'))];
		case 'neverBuilt': return [escapeMarkdown(t('A first build has to run. The next one can use its results.'))];
		case 'parentMissed':
		case 'sourceStageRan':
		case 'unknown': return [
			...isNext ? [] : [escapeMarkdown(t('If another build was under way: Docker before 29.7 may run again what is cached, as long as that one holds what it builds upon. Build when it has ended.'))],
			escapeMarkdown(t('Build once more: if this line runs again without a change, its reason will be recorded.')),
		];
	}
}

function filesAdvice(facts: LineFacts, reason: Extract<Reason, { kind: 'filesChanged' }>, below: readonly LineFacts[], t: Translate): readonly string[] {
	const paths = changedFiles(reason, t).map(({ path }) => path);
	const installer = below.flatMap(line => installers.flatMap(([command, manifests]) => line.keyword === 'RUN' && command.test(line.text) ? [{ line, manifests }] : []))[0];
	const touchesManifest = installer !== undefined && paths.some(path => installer.manifests.split(' ').includes(path.split('/').at(-1)!));
	const runs = below.filter(({ keyword }) => keyword === 'RUN');
	return [
		...installer === undefined || touchesManifest ? [] : [
			`${escapeMarkdown(t('Split the list of dependencies from the sources. Line {0} needs only the list; put this above it:', installer.line.line))} ${codeSpan(`COPY ${installer.manifests} ./`)} ${escapeMarkdown(t('and this COPY below it.'))}`,
		],
		...runs.length === 0 || installer !== undefined ? [] : [escapeMarkdown(runs.length === 1
			? t('If line {0} does not need these files, move the COPY below it.', runs[0]!.line)
			: t('Move the COPY below those of lines {0} that do not need these files.', runs.map(({ line }) => line).join(', ')))],
		...paths.length === 0 ? [] : [`${escapeMarkdown(t('If the image does not need the changed files, leave them out of the build context, in .dockerignore:'))} ${paths.slice(0, 3).map(codeSpan).join(', ')}`],
		...takesAll(facts.text) ? [escapeMarkdown(t('This line takes whole folders. Name what the image needs, and nothing else can make it run.'))] : [],
	];
}

function takesAll(text: string): boolean {
	return /^(?:COPY|ADD)\s+(?:--\S+\s+)*(?:\.\/?|\*)\s/i.test(text);
}
