import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, ContextKey, CustomEditor, View, viewContainer } from '../../src/contributions';

interface MenuEntry { readonly command: string; readonly when?: string; readonly group?: string }
interface Manifest {
	readonly contributes: {
		readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string; readonly enablement?: string }[];
		readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon?: string }[]>>;
		readonly viewsContainers: Readonly<Record<string, readonly { readonly id: string }[]>>;
		readonly customEditors: readonly { readonly viewType: string }[];
		readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
		readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
		readonly walkthroughs: readonly { readonly steps: readonly { readonly description: string; readonly media: { readonly image: string } }[] }[];
		readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
	};
}

const root = resolve(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const { contributes } = manifest;
const nls = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const sorted = (values: readonly string[]): string[] => [...values].sort();

describe('package.json and contributions.ts', () => {
	it('name the same commands', () => {
		assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(Object.values(Command)));
	});

	it('name the same views', () => {
		assert.deepEqual(contributes.viewsContainers['activitybar']?.map(({ id }) => id), [viewContainer]);
		assert.deepEqual(sorted(contributes.views[viewContainer]!.map(({ id }) => id)), sorted(Object.values(View)));
	});

	it('name the same custom editors', () => {
		assert.deepEqual(contributes.customEditors.map(({ viewType }) => viewType), Object.values(CustomEditor));
	});

	it('name the same settings', () => {
		const declared = /export interface Settings \{(.*?)\n\}/s.exec(read('src/contributions.ts'))?.[1] ?? '';
		const typed = [...declared.matchAll(/^\t'([\w.]+)':/gm)].map(([, name]) => `strata.${name!}`);
		assert.deepEqual(sorted(Object.keys(contributes.configuration.properties)), sorted(typed));
	});

	it('agree on the context keys that clauses use', () => {
		const clauses = [
			...Object.values(contributes.menus).flat().map(({ when }) => when),
			...contributes.viewsWelcome.map(({ when }) => when),
			...contributes.commands.map(({ enablement }) => enablement),
		].join(' ').replace(/(?:view|viewItem) (?:==|=~) \S+/g, '');
		const used = new Set([...clauses.matchAll(/\bstrata(?:\.\w+)+/g)].map(([key]) => key));
		assert.deepEqual(sorted([...used]), sorted(Object.values(ContextKey)));
	});
});

describe('package.json', () => {
	it('puts only known commands into menus', () => {
		const known = new Set<string>(Object.values(Command));
		const unknown = Object.values(contributes.menus).flat().filter(({ command }) => !known.has(command));
		assert.deepEqual(unknown, []);
	});

	it('gives every command the category and every view an icon', () => {
		assert.deepEqual(contributes.commands.filter(({ category }) => category !== 'Strata'), []);
		assert.deepEqual(contributes.views[viewContainer]!.filter(({ icon }) => icon === undefined), []);
	});

	it('keeps commands that need a row out of the palette', () => {
		const hidden = new Set(contributes.menus['commandPalette']!.filter(({ when }) => when === 'false').map(({ command }) => command));
		const elsewhere = new Set(Object.entries(contributes.menus).filter(([menu]) => !['commandPalette', 'view/item/context'].includes(menu)).flatMap(([, entries]) => entries.map(({ command }) => command)));
		const rowOnly = contributes.menus['view/item/context']!.map(({ command }) => command).filter(command => !elsewhere.has(command) && !askingForTheirThing.has(command));
		assert.deepEqual(rowOnly.filter(command => !hidden.has(command)), []);
	});

	it('gives every setting a default', () => {
		assert.deepEqual(Object.entries(contributes.configuration.properties).filter(([, setting]) => setting.default === undefined), []);
	});

	it('shows a picture and something to do in every step of its walkthrough', () => {
		const steps = contributes.walkthroughs.flatMap(walkthrough => walkthrough.steps);
		assert.equal(steps.length, 4);
		assert.deepEqual(steps.filter(({ media }) => !existsSync(join(root, media.image))), []);
		assert.deepEqual(steps.filter(({ description }) => !nls[description.slice(1, -1)]!.includes('](command:strata.')), []);
	});

	it('has a welcome for every way an engine can be missing, in every view', () => {
		for (const view of Object.values(View)) {
			for (const state of ['noEngine', 'unreachable', 'denied', 'tls', 'tooOld', 'unknownContext']) {
				const welcome = contributes.viewsWelcome.filter(entry => entry.view === view && entry.when === `strata.engine.state == ${state}`);
				assert.equal(welcome.length, 1, `${view} while ${state}`);
				assert.match(nls[welcome[0]!.contents.slice(1, -1)]!, /\]\(command:strata\./, `${view} while ${state} offers something to do`);
			}
		}
	});
});

/** Commands that ask for what a row would have said. */
const askingForTheirThing = new Set<string>([Command.commitContainer, Command.writeContainerDockerfile, Command.compareContainerDockerfile, Command.runImage, Command.startContainer, Command.stopContainer, Command.restartContainer, Command.unpauseContainer, Command.openContainerPort, Command.removeContainer, Command.showContainerLogs, Command.attachShell, Command.showBuildLog, Command.pinBaseline, Command.unpinBaseline, Command.tagImage, Command.removeImage, Command.pushImage, Command.cancelTransfer, Command.saveImages, Command.exportContainer, Command.inspectImage, Command.recoverDockerfile, Command.inspectContainer]);

describe('texts of package.json', () => {
	for (const file of readdirSync(root).filter(name => /^package\.nls.*\.json$/.test(name))) {
		it(`are complete in ${file}, and no more`, () => {
			const used = new Set([...read('package.json').matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key!));
			assert.deepEqual(sorted(Object.keys(JSON.parse(read(file)) as object)), sorted([...used]));
		});
	}

	it('are all in package.nls.json', () => {
		const plain = contributes.commands.filter(({ title }) => !/^%.*%$/.test(title));
		assert.deepEqual(plain, []);
	});

	it('link only to commands that exist', () => {
		const known = new Set<string>([...Object.values(Command), ...Object.values(View).map(view => `${view}.focus`)]);
		const linked = Object.values(nls).flatMap(text => [...text.matchAll(/\(command:([\w.]+)\)/g)].map(([, command]) => command!));
		assert.deepEqual(linked.filter(command => !known.has(command)), []);
	});
});

describe('ids', () => {
	it('stand in contributions.ts only', () => {
		const ids = [...Object.values(Command), ...Object.values(View), ...Object.values(ContextKey)];
		const strays = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
			.filter(path => path.endsWith('.ts') && path !== 'contributions.ts')
			.flatMap(path => ids.filter(id => read(`src/${path}`).includes(`'${id}'`)).map(id => `${path}: ${id}`));
		assert.deepEqual(strays, []);
	});
});
