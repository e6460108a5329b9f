import { resolve } from 'node:path';
import { chooseBuilder, type BuildOptions } from '../core/build/buildOptions';
import type { Forecast } from '../core/cache/reason';
import type { Instruction } from '../core/dockerfile/model';
import { readBuildContext } from '../services/buildContext';
import { forecastSentence } from '../words/reason';
import { english } from '../words/translate';
import { choice, flag, pairs, positionals, text, type Arguments, type Command, type CommandWorld } from './command';
import { reasonJson } from './reasonJson';
import { table } from './table';

export const forecastCommand: Command = {
	usage: 'forecast [CONTEXT] [-f FILE]',
	summary: 'Says which lines the next build will take from the cache, and why not the others',
	options: {
		file: { type: 'string', short: 'f' },
		target: { type: 'string' },
		'build-arg': { type: 'string', multiple: true },
		'no-cache': { type: 'boolean' },
		platform: { type: 'string' },
		network: { type: 'string' },
		builder: { type: 'string' },
		'own-frontend': { type: 'boolean' },
	},
	help: {
		file: 'the Dockerfile (default: CONTEXT/Dockerfile)',
		target: 'the stage to build (default: the last)',
		'build-arg': 'NAME=VALUE, or NAME to take it from the environment',
		'no-cache': 'as if every step were to run',
		platform: 'os/arch[/variant]',
		network: 'default, none or host',
		builder: 'auto, buildkit or classic',
		'own-frontend': 'as with the engine\'s own frontend although a # syntax= line asks for another',
	},

	async run(given, world) {
		const [context = '.'] = positionals(given, 'CONTEXT?');
		const contextPath = resolve(world.cwd, context);
		const file = text(given, 'file');
		const options = optionsOf(given, world);
		const buildContext = await readBuildContext(contextPath, file === undefined ? resolve(contextPath, 'Dockerfile') : resolve(world.cwd, file));
		const { engine, info } = await world.services.connection.demand();
		const builder = chooseBuilder(choice(given, 'builder', ['auto', 'buildkit', 'classic']) ?? 'auto', info);
		const advice = await world.services.cache.advisor.advise({ engine, info, builder, context: buildContext, options }, world.signal);
		const { instructions, stages } = buildContext.dockerfile;
		// An engine whose rules are not known can do anything.
		const said = instructions.map((instruction): Forecast | undefined => advice === undefined ? unknownOf(instruction) : advice.forecast[instruction.index]);
		return {
			json: {
				builder,
				instructions: instructions.map(({ line, stage, keyword, text: words }, at) => ({
					line, stage: stage ?? null, stageName: (stage === undefined ? undefined : stages[stage]?.name) ?? null,
					keyword, text: words, ...forecastJson(said[at]),
				})),
			},
			text: table(instructions.map(({ line, text: words }, at) => [String(line), said[at] === undefined ? '' : forecastSentence(said[at], english), words]), [0]),
		};
	},
};

function unknownOf({ stage, keyword }: Instruction): Forecast | undefined {
	return stage === undefined || keyword === 'FROM' ? undefined : { kind: 'unknown' };
}

function forecastJson(said: Forecast | undefined): Readonly<Record<string, unknown>> {
	return {
		forecast: said?.kind ?? null,
		reason: said?.kind === 'miss' ? reasonJson(said.reason) : said?.kind === 'depends' ? reasonJson(said.elsewhere) : null,
		dependsOn: said?.kind === 'depends' ? dependsJson(said) : null,
	};
}

function dependsJson({ line, url, isBase, elsewhere, isHeld }: Extract<Forecast, { kind: 'depends' }>): Readonly<Record<string, unknown>> {
	return { line: line ?? null, url: isBase ? null : url ?? null, base: isBase ? url ?? null : null, elsewhere: elsewhere !== undefined, otherBuild: isHeld === true };
}

function optionsOf(given: Arguments, world: CommandWorld): Pick<BuildOptions, 'target' | 'buildArgs' | 'noCache' | 'platform' | 'network' | 'ownFrontend'> {
	return {
		target: text(given, 'target'),
		buildArgs: pairs(given, 'build-arg', world.env),
		noCache: flag(given, 'no-cache'),
		platform: text(given, 'platform'),
		network: choice(given, 'network', ['default', 'none', 'host']),
		ownFrontend: flag(given, 'own-frontend'),
	};
}
