import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNotRootOnDebian } from '../../../scripts/lib/debian.mjs';
import { startEngine, type StartedEngine } from '../../../scripts/lib/engines.mjs';
import { findSkopeo } from '../../../scripts/lib/skopeo.mjs';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import { createDockerEngine } from '../../../src/core/engine/dockerEngine';
import type { Engine } from '../../../src/core/engine/engine';
import { buildImage, endpointOf, testEngines, type TestEngine } from '../../support/engines';
import { traitsOf } from '../../support/engineTraits';
import { sayWithout } from '../../support/sayWithout';
import { trickyContext } from '../../support/tricks';

/** An engine's image, or a file or folder. */
interface Source {
	readonly name: string;
	readonly written: string;
	readonly host?: string;
}

const reference = `strata-test/same-image:${process.pid}`;

describe('one image from everywhere', function () {
	this.timeout(180_000);
	let folder = '';
	let containerd: StartedEngine | undefined;
	const opened: Engine[] = [];
	const sources: Source[] = [];

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-same-image-'));
		const [first, ...others] = testEngines();
		const isThere = testEngines().some(test => traitsOf(test).measure === 'blocks');
		const starting = isThere ? Promise.resolve(undefined)
			: whyNotRootOnDebian().then(why => why === undefined ? startEngine('28.5', { containerd: true }) : sayWithout(`an engine with the containerd store, because ${why}`));
		// The test fails where it is awaited; it must not count as unhandled until then.
		starting.catch(() => undefined);
		const engine = await add(first!);
		await buildImage(engine, trickyContext, { tags: [reference] });
		const archive = await save(first!, engine);
		containerd = await starting;
		for (const other of [...others, ...containerd === undefined ? [] : [containerd]]) {
			const loaded = await add(other);
			for await (const message of loaded.loadImages(createReadStream(archive), new AbortController().signal)) {
				assert.equal(message.error, undefined);
			}
			await save(other, loaded);
		}
		const skopeo = await findSkopeo() ?? sayWithout('OCI layouts, because skopeo is not installed');
		for (const compression of skopeo === undefined ? [] : ['gzip', 'zstd']) {
			const layout = join(folder, `layout-${compression}`);
			await skopeo!(['copy', '--quiet', '--dest-compress', '--dest-compress-format', compression, `docker-archive:${archive}`, `oci:${layout}:latest`]);
			sources.push({ name: `a layout with ${compression} layers`, written: layout });
		}
	});

	after(async () => {
		await Promise.all(opened.map(engine => engine.removeImage(reference, { force: true })));
		await containerd?.stop();
		await rm(folder, { recursive: true });
	});

	const add = async (test: TestEngine): Promise<Engine> => {
		const engine = await createDockerEngine(endpointOf(test));
		opened.push(engine);
		sources.push({ name: `engine ${test.name}`, written: reference, host: test.host });
		return engine;
	};

	const save = async ({ name }: TestEngine, engine: Engine): Promise<string> => {
		const path = join(folder, `saved-by-${name}.tar`);
		await writeFile(path, await engine.saveImage(reference, new AbortController().signal));
		sources.push({ name: `an archive of ${name}`, written: path });
		return path;
	};

	it('has the same documents', async () => {
		const documents = new Map<string, string>();
		for (const source of sources) {
			documents.set(source.name, await documentsOf(source, join(folder, 'homes', source.name.replace(/\W/g, '-'))));
		}
		const [[, expected]] = [...documents] as [[string, string]];
		assert.ok(expected.includes('"how":"overwritten"') && expected.includes('"change":"removed"'));
		for (const [name, found] of documents) {
			assert.equal(found, expected, name);
		}
		assert.ok(documents.size >= (containerd === undefined ? 2 : 2 * testEngines().length + 4), `${documents.size}`);
	});
});

/** What `analyze` and `files` of every layer write, the source's own name left out. A store of its own makes each read its source. */
async function documentsOf({ written, host }: Source, home: string): Promise<string> {
	await mkdir(home, { recursive: true });
	const strata = async (...argv: readonly string[]): Promise<string> => {
		let out = '';
		let err = '';
		const code = await runCommandLine([...argv, '--json', ...host === undefined ? [] : ['--engine', host]], {
			cwd: home, env: { STRATA_HOME: home }, hasTerminal: false, signal: new AbortController().signal,
			out: text => { out += text; }, err: text => { err += text; },
		});
		assert.equal(code, 0, err);
		return out;
	};
	const { image, ...analysis } = JSON.parse(await strata('analyze', written)) as { readonly image: string; readonly layers: readonly unknown[] };
	assert.equal(image, written);
	const files: string[] = [];
	for (const layer of analysis.layers.keys()) {
		files.push(await strata('files', written, '--layer', String(layer)));
	}
	return [JSON.stringify(analysis), ...files.map(text => JSON.stringify(JSON.parse(text)))].join('\n');
}
