import { plainText } from '../../core/base/terminalText';
import type { BuildRecord } from '../../core/build/record';
import type { Engine } from '../../core/engine/engine';
import { isEngineError } from '../../core/engine/engineError';
import { translate } from '../../platform/messages';
import { readRememberedRun } from '../../services/rememberedRun';
import { BuildLogWriter } from '../../words/buildLog';

/** Longer than any answer of an engine that is there, milliseconds. */
const patienceMs = 10_000;

/** The log of a build at the command line; undefined where BuildKit has forgotten it by now. Throws `EngineError`. */
export async function rememberedLog(engine: Engine, record: BuildRecord): Promise<{ readonly text: string; stepText(instruction: number): string } | undefined> {
	try {
		const { run, events, dockerfile } = await readRememberedRun(engine, record, AbortSignal.timeout(patienceMs));
		const writer = new BuildLogWriter(dockerfile, translate);
		const text = plainText(writer.push(run, events) + writer.end(run));
		return { text, stepText: instruction => writer.stepText(instruction) };
	} catch (error) {
		if (isEngineError(error) && error.reason === 'notFound') {
			// What the record keeps is shown instead, and says so.
			return undefined;
		}
		throw error;
	}
}
