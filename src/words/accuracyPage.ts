import type { Translate } from './translate';
import { escapeMarkdown } from './markdown';

/** How the forecast of one build fared, as a row of the page. */
export interface ScoredRow {
	readonly moment: string;
	readonly dockerfile: string;
	readonly builder: 'buildkit' | 'classic';
	readonly steps: number;
	readonly right: number;
	readonly wrongHits: number;
	readonly wrongMisses: number;
	readonly depends: number;
	readonly unknown: number;
}

/** The history of forecasts as a page in Markdown, newest build first. */
export function accuracyPage(rows: readonly ScoredRow[], t: Translate): string {
	if (rows.length === 0) {
		return `# ${escapeMarkdown(t('Forecast accuracy'))}\n\n${escapeMarkdown(t('No forecast has been put to the test yet: build a Dockerfile a second time.'))}\n`;
	}
	const sum = (pick: (row: ScoredRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
	const [right, wrongHits, wrongMisses] = [sum(row => row.right), sum(row => row.wrongHits), sum(row => row.wrongMisses)];
	const said = right + wrongHits + wrongMisses;
	const header = [t('Build'), t('Dockerfile'), t('Steps'), t('Right'), t('Wrong hits'), t('Wrong misses'), t('Depends'), t('Unknown'), ''];
	return [
		`# ${escapeMarkdown(t('Forecast accuracy'))}`,
		said === 0 ? '' : `**${escapeMarkdown(t('{0} of {1} hits and rebuilds came true', right, said))}** (${percent(right, said)}). ${escapeMarkdown(t('A wrong hit ran although the cache was foretold, a wrong miss was cached although a rebuild was. Each is written to the log with what both sides depended on (Strata: Show Log), so that it can be reported.'))}`,
		escapeMarkdown(t('"Depends" and "unknown" are no promises: they say that only the build, or a recorded build, can tell.')),
		[
			`| ${header.map(escapeMarkdown).join(' | ')} |`,
			'|:--|:--|--:|--:|--:|--:|--:|--:|:--|',
			...rows.map(row => `| ${[
				row.moment, row.dockerfile, String(row.steps), String(row.right), flagged(row.wrongHits), flagged(row.wrongMisses), String(row.depends), String(row.unknown), bar(row),
			].map(escapeMarkdown).join(' | ')} |`),
		].join('\n'),
		'',
	].filter((part, at, all) => part !== '' || at === all.length - 1).join('\n\n');
}

function flagged(count: number): string {
	return count === 0 ? '0' : `✗ ${String(count)}`;
}

function percent(part: number, whole: number): string {
	const exact = part / whole * 100;
	// Never 100 where one was wrong.
	return `${part === whole ? '100' : Math.min(99.9, exact).toFixed(1)} %`;
}

/** Ten squares at most: full for right, crossed for wrong, empty for no promise. */
function bar({ steps, right, wrongHits, wrongMisses }: ScoredRow): string {
	const width = Math.min(10, steps);
	const wrong = wrongHits + wrongMisses === 0 ? 0 : Math.max(1, Math.round((wrongHits + wrongMisses) / steps * width));
	const full = Math.min(width - wrong, Math.round(right / steps * width));
	return '■'.repeat(full) + '✗'.repeat(wrong) + '□'.repeat(Math.max(0, width - full - wrong));
}
