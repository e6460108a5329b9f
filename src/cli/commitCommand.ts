import { formatBytes } from '../core/base/bytes';
import { commitContainer } from '../core/commitContainer';
import { checkCommitChange } from '../core/commitPlan';
import { describeChangeProblem, describeCommitCancel, describeCommitLimits } from '../words/commit';
import { describeTagProblem } from '../words/reference';
import { changeLetter } from '../words/rows';
import { english } from '../words/translate';
import { flag, positionals, text, texts, UsageError, type Command } from './command';

export const commitCommand: Command = {
	usage: 'commit CONTAINER [REF] [-m MESSAGE] [-a AUTHOR] [-c CHANGE]',
	summary: 'Makes an image of a container as it is: its image and one layer more',
	options: {
		message: { type: 'string', short: 'm' },
		author: { type: 'string', short: 'a' },
		change: { type: 'string', short: 'c', multiple: true },
		'no-pause': { type: 'boolean' },
	},
	help: {
		message: 'kept in the image\'s history',
		author: 'e.g. "Ada Lovelace <ada@example.com>"',
		change: 'an instruction for the image\'s config, e.g. "CMD [\\"web\\"]"; may be given several times',
		'no-pause': 'leave the container running meanwhile',
	},

	async run(given, world) {
		const [container, reference] = positionals(given, 'CONTAINER', 'REF?');
		const problem = reference === undefined ? undefined : describeTagProblem(reference, english);
		if (problem !== undefined) {
			throw new UsageError(problem);
		}
		const { engine, info } = await world.services.connection.demand();
		const changes = texts(given, 'change');
		for (const change of changes) {
			const wrong = checkCommitChange(change, info.apiVersion);
			if (wrong !== undefined) {
				throw new UsageError(`--change "${change}": ${describeChangeProblem(wrong, english)}`);
			}
		}
		world.progress(`${describeCommitLimits(english)}\n`);
		const changed = await engine.changes(container!, world.signal);
		world.signal.addEventListener('abort', () => { world.progress(`${describeCommitCancel(english)}\n`); });
		const result = await commitContainer(engine, {
			containerId: container!, reference, message: text(given, 'message') ?? '', author: text(given, 'author') ?? '',
			changes, pause: !flag(given, 'no-pause'),
		}, world.signal);
		return {
			json: {
				imageId: result.imageId,
				layerBytes: result.layerBytes ?? null,
				changes: changed.map(({ path, change }) => ({ path, change })),
			},
			text: [
				...changed.map(({ path, change }) => `${changeLetter(change)} ${JSON.stringify(path).slice(1, -1)}`),
				...result.layerBytes === undefined ? [] : [formatBytes(result.layerBytes)],
				result.imageId,
			].join('\n'),
		};
	},
};
