import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatBytes } from '../core/base/bytes';
import { parseDockerfile } from '../core/dockerfile/parse';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import { readImageRows, type ImageAnswers } from '../services/imageRows';
import { matchImage } from '../services/matchingImage';
import { positionals, text, UsageError, type Command } from './command';
import { table } from './table';

export const historyCommand: Command = {
	usage: 'history REF [-f FILE]',
	summary: 'Shows how an image was made, newest row first, as the engine keeps it',
	options: { file: { type: 'string', short: 'f' }, target: { type: 'string' } },
	help: { file: 'a Dockerfile whose lines the rows are to be found in', target: 'its stage that the image is of' },

	async run(given, world) {
		const [reference] = positionals(given, 'REF');
		const { engine } = await world.services.connection.demand();
		const answers: ImageAnswers = { history: id => engine.history(id), details: id => engine.image(id) };
		const image = await engine.image(reference!, world.signal);
		const rows = (await readImageRows(answers, image.id)).toReversed();
		const file = text(given, 'file');
		const lines = file === undefined ? undefined : await linesOf(answers, image.id, resolve(world.cwd, file), text(given, 'target'));
		return {
			json: {
				image: reference,
				imageId: image.id,
				rows: rows.map(({ index, instruction, createdBy, createdAt, sizeBytes, empty, diffId, comment }) => ({
					createdBy, instruction, createdAt: createdAt > 0 ? new Date(createdAt).toISOString() : null, sizeBytes,
					empty: empty ?? null, diffId: diffId ?? null, line: lines?.get(index) ?? null, comment,
				})),
			},
			text: table(rows.map(({ index, instruction, createdAt, sizeBytes, diffId }) => [
				lines?.get(index)?.toString() ?? '', formatBytes(sizeBytes), createdAt > 0 ? new Date(createdAt).toISOString().slice(0, 16) : '',
				diffId?.slice(0, 19) ?? '', instruction,
			]), [0, 1]),
		};
	},
};

/** Dockerfile line by row. */
async function linesOf(answers: ImageAnswers, imageId: string, file: string, target: string | undefined): Promise<ReadonlyMap<number, number>> {
	const content = await readFile(file, 'utf8').catch(() => { throw new UsageError(`${file} cannot be read`); });
	const resolved = resolveDockerfile(parseDockerfile(content), { target });
	const found = await matchImage(answers, imageId, resolved);
	return new Map([...found?.match.instructionOf ?? []].map(([row, instruction]) => [row, resolved.dockerfile.instructions[instruction]!.line]));
}
