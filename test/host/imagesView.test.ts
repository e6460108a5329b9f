import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Emitter } from '../../src/core/base/event';
import type { HistoryRow, ImageDetails, ImageSummary } from '../../src/core/engine/engine';
import type { ImagePlatform } from '../../src/core/engine/imagePlatform';
import type { NamedSource } from '../../src/core/layerFile';
import { Comparisons } from '../../src/services/comparisons';
import { ExploredImages } from '../../src/services/exploredImages';
import type { ImageStore } from '../../src/services/imageStore';
import type { ImageUsers } from '../../src/services/imageUsers';
import { createLayerReader } from '../../src/services/layerReader';
import { LayerStore } from '../../src/services/layerStore';
import { OpenArchives } from '../../src/services/openArchives';
import { ArchiveTree } from '../../src/surfaces/images/archiveNodes';
import { ComparisonTree } from '../../src/surfaces/images/comparisonNodes';
import { findFile } from '../../src/surfaces/images/findNodes';
import { ImagesModel, type ImagesNode } from '../../src/surfaces/images/imagesModel';
import type { LayerView } from '../../src/surfaces/images/layerNodes';
import { LayerTree } from '../../src/surfaces/images/layerTree';
import { TransferTree } from '../../src/surfaces/images/transferNodes';
import { DrawnView } from '../support/drawnView';
import { archiveTar, newArchive, ociLayout, type ImageDescription } from '../support/imageOf';
import { layerTar } from '../support/layerTar';

const image: ImageDescription = {
	reference: 'web:1',
	createdBy: ['RUN /bin/sh -c apt-get update', 'COPY app /app # buildkit', 'RUN /bin/sh -c make clean'],
	layers: [
		['var/lists/big * 9000', 'var/lists/small * 10', 'etc/passwd * 100', 'usr/lib/libc.so * 2000'],
		['app/conf = one', 'app/program * 5000', 'app/link -> program'],
		['app/conf = other', '-var/lists', 'app/new * 40'],
	],
};

/** The Images view as it is drawn, row by row, of archives on disk; there is no engine. */
describe('the Images view over archives', () => {
	let folder: string;
	let view: { readonly model: ImagesModel; readonly layers: LayerTree; readonly archives: OpenArchives };

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'strata-view-'));
	});

	after(async () => {
		await order(undefined);
		await rm(folder, { recursive: true, force: true });
	});

	beforeEach(() => { view = viewOf(folder); });

	const open = async (bytes: Buffer): Promise<string> => {
		const path = join(folder, `${randomUUID()}.tar`);
		await writeFile(path, bytes);
		await view.archives.open(path);
		return path;
	};

	it('shows what a layer changed, with its letter, the largest first or by name', async () => {
		await open(archiveTar(newArchive(image)));
		await order('size');
		assert.equal(await drawn(await layerRow('make clean', 'changes')), `
Changes | 45 B · 1 A, 1 M, 3 D
  var | hides 9.01 kB
    lists | was 9.01 kB | D
      big | was 9 kB | D
      small | was 10 B | D
  app | 45 B
    new | 40 B | A
    conf | 5 B | M`);
		await order('name');
		assert.equal(await drawn(await layerRow('make clean', 'changes')), `
Changes | 45 B · 1 A, 1 M, 3 D
  app | 45 B
    conf | 5 B | M
    new | 40 B | A
  var | hides 9.01 kB
    lists | was 9.01 kB | D
      big | was 9 kB | D
      small | was 10 B | D`);
	});

	it('shows what a container of the layers up to one sees', async () => {
		await open(archiveTar(newArchive(image)));
		await order('size');
		assert.equal(await drawn(await layerRow('make clean', 'files')), `
Files up to Here | 7.14 kB · 6 files
  app | 5.04 kB
    program | 5 kB
    new | 40 B
    conf | 5 B
    link | → program
  usr | 2 kB
    lib | 2 kB
      libc.so | 2 kB
  etc | 100 B
    passwd | 100 B
  var | empty`);
	});

	it('says of every number what it measures', async () => {
		await open(archiveTar(newArchive(image)));
		const changes = await layerRow('make clean', 'changes');
		const [, app] = await view.model.children(changes);
		const conf = (await view.model.children(app)).find(node => view.model.row(node).label === 'conf')!;
		assert.equal(view.model.row(view.model.parent(changes)!).tooltip?.split('\n')[1], 'File content in this layer: 45 B');
		assert.equal(view.model.row(conf).tooltip, [
			'/app/conf', 'modified', 'Mode -rw-r--r--, owner 0:0', 'Modified 2024-01-01 00:00:00 UTC', '5 bytes', 'Size before: 3 B', 'Hidden in layers below, and stored there still: 3 B',
		].join('\n'));
	});

	it('leaves what the filter means, and says how much that is', async () => {
		await open(archiveTar(newArchive(image)));
		view.layers.setFilter('li');
		assert.equal(await drawn(await layerRow('make clean', 'files')), `
Files up to Here | 3 matches
  app | 5.04 kB
    link | → program
  usr | 2 kB
    lib | 2 kB
      libc.so | 2 kB`);
		assert.equal(await drawn(await layerRow('make clean', 'changes')), `
Changes | 1 match
  var | hides 9.01 kB
    lists | was 9.01 kB | D`);
		view.layers.setFilter('nothing like it');
		assert.equal(await drawn(await layerRow('COPY app', 'changes')), '\nChanges | 0 matches\n  Nothing matches the filter');
	});

	it('draws a page of a folder with 50,000 entries, another when asked, and the page of a file that is revealed', async () => {
		const crowd = layerTar(Array.from({ length: 50_000 }, (_, at) => ({ path: `many/f${String(at).padStart(5, '0')}` })));
		const path = await open(archiveTar(newArchive({ ...image, layers: [crowd], createdBy: ['RUN /bin/sh -c make-many'] })));
		await order('name');
		const files = await layerRow('make-many', 'files');
		const [many] = await view.model.children(files);
		const told: (ImagesNode | undefined)[] = [];
		view.model.onDidChange(node => told.push(node));
		const page = async (): Promise<readonly string[]> => (await view.model.children(many)).map(node => view.model.row(node).label);
		assert.deepEqual([(await page()).length, (await page()).at(-2), (await page()).at(-1)], [501, 'f00499', 'Show 500 more of 49500']);

		const more = (await view.model.children(many)).at(-1)!;
		assert.ok(more.kind === 'note');
		view.layers.showMore(more);
		assert.deepEqual([(await page()).length, (await page()).at(-1)], [1001, 'Show 500 more of 49000']);
		assert.deepEqual(told, [many], 'only the folder is drawn anew');

		const wanted = { source: { kind: 'archive' as const, path }, name: 'web:1', layer: 0, path: '/many/f01700' };
		const found = await findFile(view.model, view.layers, { kind: 'file', file: wanted, view: 'files' });
		assert.ok(found?.kind === 'entry');
		assert.equal(view.model.row(found).label, 'f01700');
		assert.deepEqual([(await page()).length, (await page()).at(-1)], [2001, 'Show 500 more of 48000']);
		assert.ok((await page()).includes('f01700'));
		assert.equal(await findFile(view.model, view.layers, { kind: 'file', file: { ...wanted, path: '/many/f99999' }, view: 'files' }), undefined);
	});

	it('knows each platform of an image by itself', async () => {
		const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' };
		await open(archiveTar(ociLayout([image, { ...image, platform: arm, layers: [['arm * 7'], ...image.layers.slice(1)] }])));
		const [archives] = await view.model.children(undefined);
		const [archive] = await view.model.children(archives);
		const images = await view.model.children(archive);
		assert.deepEqual(images.map(node => view.model.row(node).description?.split(' · ')[0]), ['linux/amd64', 'linux/arm64/v8']);
		const ids: string[] = [];
		const walk = async (nodes: readonly ImagesNode[]): Promise<void> => {
			for (const node of nodes) {
				ids.push(view.model.row(node).id);
				await walk(await view.model.children(node));
			}
		};
		await walk(images);
		assert.equal(new Set(ids).size, ids.length, 'a row\'s id is its own');

		const { named } = images[1] as ImagesNode & { readonly named: NamedSource };
		const found = await findFile(view.model, view.layers, { kind: 'file', file: { ...named, layer: 0, path: '/arm' }, view: 'files' });
		assert.equal(found?.kind === 'entry' && found.entry.path, '/arm');
	});

	it('shows the platforms of an image for several, and opens what is here', async () => {
		const platform = (name: string, isPresent: boolean, unpackedBytes = 0): ImagePlatform => ({ name, digest: `sha256:${name}`, isPresent, isReadable: isPresent, contentBytes: isPresent ? 1000 : 0, unpackedBytes });
		const platforms = [platform('linux/amd64', true, 2000), platform('linux/arm64/v8', true), platform('linux/s390x', false)];
		const web: ImageSummary = { id: 'sha256:1', references: ['web:1'], digests: [], createdAt: 0, sizeBytes: 4000, sharedBytes: undefined, platforms, parentId: undefined, labels: {} };
		const plain = { ...web, id: 'sha256:2', references: ['web:2'], platforms: platforms.slice(0, 1) };
		const history = (_: string, name = 'linux/amd64'): Promise<readonly HistoryRow[]> =>
			Promise.resolve([{ imageId: undefined, createdAt: 0, createdBy: `COPY ${name} /`, sizeBytes: 5, comment: '', references: [] }]);
		const details = (id: string): Promise<ImageDetails> => Promise.resolve({ id, diffIds: ['sha256:layer'], os: 'linux', architecture: 'amd64', variant: undefined } as unknown as ImageDetails);
		const { model } = viewOf(folder, { onDidChange: () => ({ dispose: () => undefined }), images: () => Promise.resolve([web, plain]), history, details });
		const [repository] = await model.children(undefined);
		const drawnDown = async (node: ImagesNode, depth = 0): Promise<string> => {
			const { label, description = '', expand } = model.row(node);
			const below = expand === 'leaf' || node.kind === 'history' ? [] : await Promise.all((await model.children(node)).map(child => drawnDown(child, depth + 1)));
			return `\n${'  '.repeat(depth)}${label}${node.kind === 'platforms' || node.kind === 'platform' ? ` | ${description}` : ''}${below.join('')}`;
		};
		assert.equal(await drawnDown(repository!), `
web
  1
    Platforms | 2 of 3 here
      linux/amd64 | 3 kB
        5 B · COPY linux/amd64 /
      linux/arm64/v8 | 1 kB
        5 B · COPY linux/arm64/v8 /
      linux/s390x | not here
    5 B · COPY linux/amd64 /
  2
    5 B · COPY linux/amd64 /`);
		const [group] = await model.children((await model.children(repository))[0]);
		const rows = (await model.children(group)).map(node => model.row(node));
		assert.match(model.row(group!).tooltip ?? '', /are those of linux\/amd64, which the engine takes unless told otherwise/);
		assert.match(rows[1]?.tooltip ?? '', /compressed: 1 kB\nNot unpacked/);
		assert.match(rows[2]?.tooltip ?? '', /Pull the image for this platform/);
		model.dispose();
	});

	it('draws at once what was told last, however long the engine takes for its next list', async () => {
		const changed = new Emitter<undefined>();
		const web: ImageSummary = { id: 'sha256:1', references: ['web:1'], digests: [], createdAt: 0, sizeBytes: 1, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} };
		let list = (): Promise<readonly ImageSummary[]> => Promise.resolve([web]);
		const { model } = viewOf(folder, { onDidChange: changed.event, images: () => list() });
		const names = async (): Promise<readonly string[]> => (await model.children(undefined)).map(node => model.row(node).label);
		const watching = model.watch();
		const told = new Promise<void>(resolve => { model.onDidChange(() => { resolve(); }); });
		changed.fire(undefined);
		await told;
		assert.deepEqual(await names(), ['web']);
		list = () => new Promise(() => undefined);
		changed.fire(undefined);
		assert.deepEqual(await names(), ['web'], 'the row is there for a menu that was opened before');
		watching.dispose();
		model.dispose();
	});

	for (const groupBy of ['repository', 'family']) {
		it(`draws of all images anew the one that a container came to use, arranged by ${groupBy}`, async () => {
			await vscode.workspace.getConfiguration('strata').update('images.groupBy', groupBy, vscode.ConfigurationTarget.Global);
			const changed = new Emitter<ReadonlySet<string>>();
			const users = new Map<string, readonly string[]>();
			const images = ['1', '2', '3'].map((id): ImageSummary =>
				({ id: `sha256:${id}`, references: [`web:${id}`], digests: [], createdAt: 0, sizeBytes: 1, sharedBytes: undefined, platforms: [], parentId: undefined, labels: {} }));
			const { model } = viewOf(folder, {
				onDidChange: () => ({ dispose: () => undefined }), images: () => Promise.resolve(images),
				history: () => Promise.resolve([]), details: () => Promise.resolve({ diffIds: [] } as unknown as ImageDetails),
			}, { onDidChange: changed.event, of: id => users.get(id) ?? [] });
			const drawn = new DrawnView(model);
			await drawn.draw();
			users.set('sha256:2', ['runner']);
			changed.fire(new Set(['sha256:2']));
			const [label, ...others] = await drawn.follow();
			assert.match(label ?? '', /2$/);
			assert.deepEqual(others, []);
			model.dispose();
			await vscode.workspace.getConfiguration('strata').update('images.groupBy', undefined, vscode.ConfigurationTarget.Global);
		});
	}

	it('reads what a person stopped again when that is asked for, and not because the view is drawn', async () => {
		let reads = 0;
		const stops = (): Promise<never> => {
			reads++;
			return Promise.reject(new DOMException('stopped', 'AbortError'));
		};
		const layers = new LayerTree(new ExploredImages({ image: stops } as never, (_, work) => work(new AbortController().signal, () => undefined)));
		const named: NamedSource = { source: { kind: 'engine', reference: 'sha256:1' }, name: 'web:1' };
		const row = { kind: 'history', row: { index: 0, layer: 0 }, named } as unknown as ImagesNode & { readonly kind: 'history' };
		const [note] = await layers.viewsOf(row, named);
		await layers.viewsOf(row, named);
		assert.ok(note?.kind === 'note');
		assert.deepEqual([note.text, reads], ['Cancelled: Read Again', 1]);
		layers.showMore(note);
		await layers.viewsOf(row, named);
		assert.equal(reads, 2);
		layers.dispose();
	});

	/** One of the two views below the row of an instruction, of the only archive. */
	async function layerRow(instruction: string, kind: LayerView): Promise<ImagesNode> {
		const [archives] = await view.model.children(undefined);
		const [archive] = await view.model.children(archives);
		const row = (await view.model.children(archive)).find(node => view.model.row(node).label.includes(instruction));
		return (await view.model.children(row)).find(node => node.kind === kind)!;
	}

	/** A row and all below it: label, description, letter. */
	async function drawn(node: ImagesNode, depth = 0): Promise<string> {
		const { label, description = '', uri } = view.model.row(node);
		const letter = { added: 'A', modified: 'M', removed: 'D' }[uri?.query ?? ''];
		const words = [label, ...description === '' ? [] : [description], ...letter === undefined ? [] : [letter]].join(' | ');
		const below = await Promise.all((await view.model.children(node)).map(child => drawn(child, depth + 1)));
		return `\n${'  '.repeat(depth)}${words}${below.join('')}`;
	}
});

function viewOf(folder: string, images?: Pick<ImageStore, 'onDidChange' | 'images'> & Partial<ImageStore>, users?: Pick<ImageUsers, 'onDidChange' | 'of'>): { readonly model: ImagesModel; readonly layers: LayerTree; readonly archives: OpenArchives } {
	const kept = new Map<string, unknown>();
	const archives = new OpenArchives({ get: key => kept.get(key), update: (key, value) => Promise.resolve(kept.set(key, value)).then(() => undefined) });
	const noEngine = (): Promise<never> => Promise.reject(new Error('There is no engine.'));
	const store = new LayerStore({ folder: join(folder, 'layers'), log: message => { assert.fail(message); } });
	const explored = new ExploredImages(createLayerReader(store, noEngine), (_, work) => work(new AbortController().signal, () => undefined));
	const layers = new LayerTree(explored);
	const silent = { onDidChange: () => ({ dispose: () => undefined }) };
	const model = new ImagesModel(
		{ ...silent, state: { kind: 'failed' } } as never, (images ?? { ...silent, images: noEngine }) as never, new ArchiveTree(archives, explored), layers,
		new ComparisonTree(new Comparisons(explored)), { of: () => Promise.resolve(new Map()) } as never, { ...silent, onOutdated: silent.onDidChange, load: () => Promise.resolve(), of: () => [], ...users } as never, new TransferTree({ ...silent, all: [] } as never),
	);
	return { model, layers, archives };
}

async function order(value: 'size' | 'name' | undefined): Promise<void> {
	await vscode.workspace.getConfiguration('strata').update('files.order', value, vscode.ConfigurationTarget.Global);
}
