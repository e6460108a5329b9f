import { Emitter } from '../../src/core/base/event';
import { parseDockerfile } from '../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../src/core/dockerfile/resolve';
import type { Engine } from '../../src/core/engine/engine';
import { exploreImage } from '../../src/core/exploredImage';
import { fixesOf, type Fix } from '../../src/core/fixes';
import { readImageStream } from '../../src/core/layers/imageStream';
import type { LineFacts } from '../../src/core/lineFacts';
import { imageWasteOf } from '../../src/core/lineWaste';
import { projectLines } from '../../src/core/projectLines';
import type { Build } from '../../src/services/buildRunner';
import { matchImage } from '../../src/services/matchingImage';
import { PromisedSavings, type Saving } from '../../src/services/promisedSavings';

/** An image with what its lines waste and what can be done about it. */
export interface Examined {
	readonly lines: readonly LineFacts[];
	/** The one that saves most first. */
	readonly fixes: readonly Fix[];
	/** As the engine's history adds up. */
	readonly bytes: number;
}

/** Reads an image's layers and lays their waste beside the lines of the Dockerfile that made it. */
export async function examine(engine: Engine, imageId: string, text: string): Promise<Examined> {
	const dockerfile = parseDockerfile(text);
	const answers = { history: (id: string) => engine.history(id), details: (id: string) => engine.image(id) };
	const found = await matchImage(answers, imageId, resolveDockerfile(dockerfile, {}));
	if (found === undefined) {
		throw new Error('The image is not that of the Dockerfile.');
	}
	const image = await readImageStream(await engine.saveImage(imageId, new AbortController().signal));
	const lines = projectLines({ resolved: found.resolved, history: { ...found, dockerfile }, waste: imageWasteOf(exploreImage(image)) });
	const fixes = [...fixesOf(found.resolved, lines, 'buildkit')].sort((left, right) => (right.savesBytes ?? 0) - (left.savesBytes ?? 0));
	return { lines, fixes, bytes: (await engine.history(imageId)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

/** A Dockerfile's text with a fix applied. */
export function applied(text: string, { edits }: Fix): string {
	const lines = text.split('\n');
	for (const { line, endLine, text: replaced } of [...edits].sort((left, right) => right.line - left.line)) {
		lines.splice(line - 1, endLine - line + 1, ...replaced === undefined ? [] : [replaced]);
	}
	return lines.join('\n');
}

/** What a fix promised beside what the image that was built after it measures, as the editor reckons. */
export async function savingOf(engine: Engine, before: string, after: string, promised: number): Promise<Saving> {
	const kept = new Map<string, unknown>();
	const builds = new Emitter<Build>();
	const savings = new PromisedSavings(
		{ get: key => kept.get(key), update: (key, value) => { kept.set(key, value); return Promise.resolve(); } },
		{ history: id => engine.history(id) }, builds.event,
	);
	try {
		await savings.promise('/Dockerfile', before, promised);
		return await new Promise(resolve => {
			savings.onDidChange(path => {
				const saving = savings.of(path);
				if (saving?.measured !== undefined) {
					resolve(saving);
				}
			});
			builds.fire({ options: { dockerfilePath: '/Dockerfile' }, record: { imageId: after, state: 'succeeded' } } as unknown as Build);
		});
	} finally {
		savings.dispose();
		builds.dispose();
	}
}
