import { resolve } from 'node:path';
import { formatBytes } from '../core/base/bytes';
import { formatDuration } from '../core/base/duration';
import type { BuildEvent } from '../core/build/events';
import type { BuildRecord } from '../core/build/record';
import type { LineHistory } from '../core/lineHistory';
import { readReason } from '../core/cache/reason';
import type { Build } from '../services/buildRunner';
import { keyOf } from '../services/recordStore';
import { describeBuildFailure } from '../words/build';
import { BuildLogWriter } from '../words/buildLog';
import { cancelledWork } from '../words/cancelledWork';
import { reasonWords } from '../words/reason';
import { outcomeWord } from '../words/rows';
import { english } from '../words/translate';
import { choice, flag, pairs, positionals, text, texts, type Command, type CommandWorld } from './command';
import { historyJson } from './historyJson';
import { reasonJson } from './reasonJson';
import { secretSources } from './secretSources';
import { table } from './table';

export const buildCommand: Command = {
	usage: 'build [CONTEXT] [-f FILE] [-t REF]',
	summary: 'Builds a Dockerfile and says what each line cost',
	options: {
		file: { type: 'string', short: 'f' },
		tag: { type: 'string', short: 't', multiple: true },
		target: { type: 'string' },
		'build-arg': { type: 'string', multiple: true },
		label: { type: 'string', multiple: true },
		'no-cache': { type: 'boolean' },
		pull: { type: 'boolean' },
		platform: { type: 'string' },
		network: { type: 'string' },
		builder: { type: 'string' },
		secret: { type: 'string', multiple: true },
		ssh: { type: 'boolean' },
		'own-frontend': { type: 'boolean' },
		quiet: { type: 'boolean', short: 'q' },
	},
	help: {
		file: 'the Dockerfile (default: CONTEXT/Dockerfile)',
		tag: 'a name for the image; may be given several times',
		target: 'the stage to build (default: the last)',
		'build-arg': 'NAME=VALUE, or NAME to take it from the environment',
		label: 'NAME=VALUE for the image',
		'no-cache': 'run every step',
		pull: 'look for newer bases in the registry',
		platform: 'os/arch[/variant]',
		network: 'default, none or host',
		builder: 'auto, buildkit or classic',
		secret: 'id=ID,src=FILE or id=ID,env=NAME for RUN --mount=type=secret; may be given several times',
		ssh: 'lend the SSH agent (SSH_AUTH_SOCK) to RUN --mount=type=ssh',
		'own-frontend': 'use the engine\'s own frontend although a # syntax= line asks for another',
		quiet: 'no log on standard error',
	},

	async run(given, world) {
		const [context = '.'] = positionals(given, 'CONTEXT?');
		const contextPath = resolve(world.cwd, context);
		const file = text(given, 'file');
		const { engine, info } = await world.services.connection.demand();
		const { runner, records, past } = world.services;
		const log = flag(given, 'quiet') ? undefined : followLog(world);
		const build = await runner.build(engine, info, {
			contextPath,
			dockerfilePath: file === undefined ? resolve(contextPath, 'Dockerfile') : resolve(world.cwd, file),
			tags: texts(given, 'tag'),
			target: text(given, 'target'),
			buildArgs: pairs(given, 'build-arg', world.env),
			labels: pairs(given, 'label', world.env),
			noCache: flag(given, 'no-cache'),
			pull: flag(given, 'pull'),
			platform: text(given, 'platform'),
			network: choice(given, 'network', ['default', 'none', 'host']),
			builder: choice(given, 'builder', ['auto', 'buildkit', 'classic']) ?? 'auto',
			ownFrontend: flag(given, 'own-frontend'),
			secrets: secretSources(texts(given, 'secret'), world.cwd),
			sshAgent: flag(given, 'ssh'),
		}, world.signal);
		// Sizes of other stages come, and what the upload left goes, after the build.
		await runner.idle();
		log?.dispose();
		const begun = build.record!;
		const record = (await records.list(keyOf(begun))).find(({ id }) => id === build.id) ?? begun;
		const histories = await past.historiesOf(record, build.context.dockerfile);
		const error = failureOf(build);
		const bad = record.error?.context?.kind;
		return {
			json: buildJson(record, histories, build, error),
			text: buildText(record),
			failure: error === undefined ? undefined : { message: error, isBadInput: bad === 'missingContext' || bad === 'missingDockerfile' },
		};
	},
};

function followLog({ services: { runner }, progress }: CommandWorld): { dispose(): void } {
	let writer: BuildLogWriter | undefined;
	let waiting: BuildEvent[] = [];
	const received = runner.onDidReceive(({ event }) => { waiting.push(event); });
	const changed = runner.onDidChange(build => {
		writer ??= new BuildLogWriter(build.context.dockerfile, english);
		progress(writer.push(build.run, waiting));
		waiting = [];
		if (build.run.state !== 'running' && build.record !== undefined) {
			progress(writer.end(build.run));
			changed.dispose();
			received.dispose();
		}
	});
	return { dispose: () => { changed.dispose(); received.dispose(); } };
}

function failureOf({ run, context, options }: Build): string | undefined {
	if (run.state === 'cancelled') {
		return ['The build was cancelled.', cancelledWork(run, context.dockerfile, english)].filter(words => words !== undefined).join(' ');
	}
	return run.error === undefined ? undefined : describeBuildFailure(run.error, context.dockerfile, options.target, english);
}

function buildJson(record: BuildRecord, histories: readonly LineHistory[], build: Build, error: string | undefined): unknown {
	return {
		builder: record.builder,
		imageId: record.imageId ?? null,
		tags: record.options.tags,
		durationMs: record.durationMs,
		failed: error !== undefined,
		error: error ?? null,
		contextBytes: record.contextBytes ?? null,
		contextFiles: record.contextFiles ?? null,
		failure: record.error === undefined ? null : {
			kind: record.error.kind, line: record.error.line ?? null, exitCode: record.error.exitCode ?? null, message: record.error.message,
		},
		warnings: build.run.warnings.map(({ message, startLine, url }) => ({ message, line: startLine ?? null, url: url ?? null })),
		instructions: record.instructions.map(({ line, endLine, stage, keyword, text: words, outcome, reason, durationMs, size, diffId, logTail }, at) => ({
			line, endLine, stage: stage ?? null,
			stageName: (stage === undefined ? undefined : build.context.dockerfile.stages[stage]?.name) ?? null,
			keyword, text: words, outcome, reason: reasonJson(reason), durationMs: durationMs ?? null,
			sizeBytes: size?.bytes ?? null, diffId: diffId ?? null, logTail: logTail ?? null, ...historyJson(histories[at]),
		})),
	};
}

function buildText(record: BuildRecord): string {
	const rows = record.instructions.map(({ line, outcome, reason, durationMs, size, text: words }) => {
		const why = readReason(reason);
		const fared = [outcomeWord(outcome, english), why === undefined ? '' : reasonWords(why, english)].filter(word => word !== '').join(' · ');
		return [String(line), size === undefined ? '' : formatBytes(size.bytes), durationMs === undefined ? '' : formatDuration(durationMs), fared, words];
	});
	return [table(rows, [0, 1, 2]), ...record.imageId === undefined ? [] : [record.imageId]].join('\n');
}
