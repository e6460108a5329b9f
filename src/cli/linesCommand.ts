import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatBytes } from '../core/base/bytes';
import { formatDuration } from '../core/base/duration';
import { parseDockerfile } from '../core/dockerfile/parse';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import type { Dockerfile } from '../core/dockerfile/model';
import type { LineFacts } from '../core/lineFacts';
import { projectLines, type LinesInput } from '../core/projectLines';
import { findMatchingImage, matchImage, type ImagesToMatch } from '../services/matchingImage';
import { recordedOptions } from '../services/recordWithText';
import { outcomeWord } from '../words/rows';
import { english } from '../words/translate';
import { positionals, text, UsageError, type Command, type CommandResult, type CommandWorld } from './command';
import { historyJson } from './historyJson';
import { reasonJson } from './reasonJson';
import { table } from './table';

export const linesCommand: Command = {
	usage: 'lines -f FILE [--image REF]',
	summary: 'Says what each line cost, without building: from the last build, or an image that matches',
	options: { file: { type: 'string', short: 'f' }, image: { type: 'string' }, target: { type: 'string' } },
	help: { file: 'the Dockerfile (default: Dockerfile)', image: 'the image made from it', target: 'its stage that is asked about' },

	async run(given, world) {
		positionals(given);
		const file = resolve(world.cwd, text(given, 'file') ?? 'Dockerfile');
		const content = await readFile(file, 'utf8').catch(() => { throw new UsageError(`${file} cannot be read`); });
		const dockerfile = parseDockerfile(content);
		const image = text(given, 'image');
		const target = text(given, 'target');
		const input = image === undefined ? await knownFacts(world, file, dockerfile, target) : await factsOfImage(world, image, dockerfile, target);
		if (input === undefined) {
			const message = `The history of ${image ?? ''} is not that of ${file}.`;
			return { ...drawn(projectLines({ resolved: resolveDockerfile(dockerfile, { target }) })), failure: { message, isBadInput: false } };
		}
		return drawn(projectLines(input));
	},
};

async function factsOfImage({ services: { connection } }: CommandWorld, image: string, dockerfile: Dockerfile, target: string | undefined): Promise<LinesInput | undefined> {
	const { engine } = await connection.demand();
	const { id } = await engine.image(image);
	const resolved = resolveDockerfile(dockerfile, { target });
	const found = await matchImage({ history: of => engine.history(of), details: of => engine.image(of) }, id, resolved);
	return found && { resolved: found.resolved, history: { ...found, dockerfile } };
}

/** The last build's record; else the newest image that matches, where an engine can be reached. */
async function knownFacts({ services: { connection, records, past } }: CommandWorld, file: string, dockerfile: Dockerfile, target: string | undefined): Promise<LinesInput> {
	const record = await records.latestOf(file);
	if (record !== undefined && (target === undefined || record.options.target === target)) {
		const built = parseDockerfile(record.text);
		return { resolved: resolveDockerfile(dockerfile, recordedOptions(record)), record: { record, dockerfile: built, histories: await past.historiesOf(record, built) } };
	}
	const resolved = resolveDockerfile(dockerfile, { target });
	const { engine } = await connection.demand();
	const answers: ImagesToMatch = { history: id => engine.history(id), details: id => engine.image(id), images: () => engine.images() };
	const found = await findMatchingImage(answers, resolved, () => true);
	return found === undefined ? { resolved } : { resolved: found.resolved, history: { ...found, dockerfile } };
}

function drawn(lines: readonly LineFacts[]): CommandResult {
	return {
		json: {
			instructions: lines.map(facts => ({
				line: facts.line, endLine: facts.endLine, stage: facts.stage ?? null, stageName: facts.stageName ?? null,
				keyword: facts.keyword, text: facts.text, outcome: facts.outcome ?? null, reason: reasonJson(facts.reason),
				durationMs: facts.durationMs ?? null, sizeBytes: facts.size?.bytes ?? null, diffId: facts.diffId ?? null,
				source: facts.source ?? null, stale: facts.stale ?? null, ...historyJson(facts.history),
			})),
		},
		text: table(lines.map(({ line, size, durationMs, outcome, text: words }) => [
			String(line), size === undefined ? '' : formatBytes(size.bytes), durationMs === undefined ? '' : formatDuration(durationMs),
			outcome === undefined ? '' : outcomeWord(outcome, english), words,
		]), [0, 1, 2]),
	};
}
