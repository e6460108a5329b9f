import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

/** Strata in the workbench as a person finds it: by what is written on views, rows, lenses and messages. */
export class StrataPage {
	constructor(readonly page: Page) {}

	async openViews(): Promise<void> {
		const images = this.view('Images');
		// A click on the view that is open closes it, and a window that is loaded again opens what was open by itself.
		for (let isOpen = await images.isVisible(), tries = 1; !isOpen; tries++) {
			await this.page.getByRole('tab', { name: 'Strata' }).first().click();
			isOpen = await images.waitFor({ timeout: tries < 3 ? 5000 : undefined }).then(() => true, (error: unknown) => {
				if (tries === 3) {
					throw error;
				}
				return false;
			});
		}
	}

	async openFile(folder: string, name: string): Promise<void> {
		await this.page.keyboard.press('Control+P');
		await this.page.locator('.quick-input-widget input').fill(`${folder}/${name}`);
		await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: folder }).filter({ hasText: name }).waitFor();
		await this.page.keyboard.press('Enter');
		await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
		await this.page.locator('.editor-instance .monaco-editor .view-line').first().waitFor();
	}

	async run(command: string): Promise<void> {
		const input = this.page.locator('.quick-input-widget input');
		// A page in a webview that has just opened may swallow the key, and a question that is closing hides the palette.
		for (let tries = 1, isAsked = false; !isAsked; tries++) {
			await this.page.keyboard.press('F1');
			isAsked = await input.fill(`>Strata: ${command}`, { timeout: 5000 }).then(() => true, (error: unknown) => {
				if (tries === 5) {
					throw error;
				}
				return false;
			});
		}
		// The list may put another one first that has these letters somewhere.
		const words = command.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
		await this.page.locator('.quick-input-list .label-name', { hasText: new RegExp(`^Strata: ${words}…?$`) }).first().click();
	}

	view(name: string): Locator {
		return this.page.locator('.pane', { has: this.page.getByRole('button', { name: new RegExp(`^${name}( - .*)? Section`, 'i') }) });
	}

	/** A row by its accessible words. */
	row(view: string, words: RegExp): Locator {
		return this.view(view).getByRole('treeitem', { name: words }).first();
	}

	lens(title: string): Locator {
		return this.page.locator('.codelens-decoration a').filter({ hasText: new RegExp(`^\\s*${title}$`) }).first();
	}

	/** What a view's menu offers, chosen. */
	async chooseInView(view: string, item: string): Promise<void> {
		// Over a view's middle the tooltip of a row may stand.
		await this.view(view).locator('.pane-header').hover();
		await this.view(view).getByRole('button', { name: /More Actions/ }).click();
		await this.chooseInMenu(item);
	}

	/** What a row's context menu offers, chosen. Rows come and go while others use the engine, so this may take some tries. */
	async choose(row: Locator, item: string): Promise<void> {
		for (let tries = 1; ; tries++) {
			try {
				await this.openMenu(row, item);
				await this.chooseInMenu(item);
				if (!await this.hasLostRow()) {
					return;
				}
			} catch (error) {
				if (tries === 3) {
					throw error;
				}
			}
			await this.page.keyboard.press('Escape');
		}
	}

	/** The menu of this row, with this in it. */
	private async openMenu(row: Locator, item: string): Promise<void> {
		while (!await row.evaluate(isStill)) {
			// The row may be another element by now.
		}
		await row.click({ button: 'right' });
		await this.menuItem(item).waitFor({ timeout: 5000 });
		// The tree puts the focus on the row whose menu it is: the click may have met the one that took this one's place.
		assert.ok(await row.evaluate(element => element.classList.contains('focused')), 'the menu of another row');
	}

	/** While the editor draws a tree anew it knows none of its rows, and a command asks as if it came from the palette. */
	private hasLostRow(): Promise<boolean> {
		return this.page.locator('.quick-input-widget input[placeholder^="Which container"], .quick-input-widget input[placeholder^="Which image"]')
			.waitFor({ timeout: 300 }).then(() => true, () => false);
	}

	/** Chooses a colour theme by its name and the class that the workbench has with it (`vs`, `vs-dark`, `hc-black`). */
	async chooseTheme(name: string, kind: string): Promise<void> {
		await this.page.keyboard.press('F1');
		// What takes the focus just then closes the palette.
		await this.page.locator('.quick-input-widget input').fill('>Preferences: Color Theme', { timeout: 5000 }).catch(async () => {
			await this.page.keyboard.press('F1');
			await this.page.locator('.quick-input-widget input').fill('>Preferences: Color Theme');
		});
		await this.page.locator('.quick-input-list .monaco-list-row', { hasText: /Preferences: Color Theme/ }).click();
		await this.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Light Modern' }).first().waitFor();
		await this.page.locator('.quick-input-widget input').fill(name);
		await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor();
		await this.page.keyboard.press('Enter');
		await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
		await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
	}

	/** What a row's context menu offers. */
	async offers(row: Locator): Promise<readonly string[]> {
		await row.click({ button: 'right' });
		const entries = this.page.locator('.monaco-menu').getByRole('menuitem');
		await entries.first().waitFor();
		const names = await entries.allInnerTexts();
		await this.page.keyboard.press('Escape');
		await entries.first().waitFor({ state: 'detached' });
		// The key that does the same stands on a line of its own.
		return names.map(name => name.trim().replace(/\n.*/s, '')).filter(name => name !== '');
	}

	/** That a command of the palette asks what it is about, in these words; nothing is answered. */
	async asks(command: string, question: string): Promise<void> {
		await this.run(command);
		const box = this.page.locator(`.quick-input-widget input[placeholder^="${question}"]`);
		await box.waitFor();
		await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
		await this.page.keyboard.press('Escape');
		await box.waitFor({ state: 'hidden' });
	}

	private menuItem(item: string): Locator {
		return this.page.locator('.monaco-menu').getByRole('menuitem', { name: item });
	}

	private async chooseInMenu(item: string): Promise<void> {
		const entry = this.menuItem(item);
		// A click too soon after the menu came up is taken for the end of the right click; the key is not.
		await entry.hover();
		await this.page.locator('.monaco-menu .action-item.focused', { hasText: item }).waitFor();
		await this.page.keyboard.press('Enter');
		await entry.waitFor({ state: 'detached' });
	}

	/** Answers the open question with an entry of its list. */
	async pick(entry: string | RegExp): Promise<void> {
		await this.page.locator('.quick-input-list .monaco-list-row', { hasText: entry }).first().click();
	}

	/** Writes into the box of a question, once it is that question which is asked. */
	async write(title: string | RegExp, text: string): Promise<void> {
		await this.page.locator('.quick-input-title', { hasText: title }).waitFor();
		await this.page.locator('.quick-input-widget input').fill(text);
	}

	/** Answers a question with a text. */
	async answer(title: string | RegExp, text: string): Promise<void> {
		await this.write(title, text);
		await this.page.keyboard.press('Enter');
	}

	/** Answers a question for a file, which first offers one of its own. */
	async answerPath(title: RegExp, path: string): Promise<void> {
		await this.page.locator('.quick-input-title', { hasText: title }).waitFor();
		const box = this.page.locator('.quick-input-widget input[type=text]');
		// Only with its list the dialog has said all that it offers.
		await this.page.locator('.quick-input-list .monaco-list-row', { hasText: 'readme.txt' }).waitFor();
		await box.fill(path);
		await this.page.locator('.quick-input-widget .quick-input-progress.active').waitFor({ state: 'detached' });
		await this.page.keyboard.press('Enter');
	}

	/** Leaves a question without an answer. */
	async leave(title: RegExp): Promise<void> {
		const asked = this.page.locator('.quick-input-title', { hasText: title });
		await asked.waitFor();
		await this.page.keyboard.press('Escape');
		await asked.waitFor({ state: 'hidden' });
	}

	/** Waits until the open question complains in these words. */
	async complaint(words: RegExp): Promise<void> {
		await this.page.locator('.quick-input-message', { hasText: words }).waitFor();
	}

	/** In a list to choose several from, where nothing is chosen yet: this entry, and no other. */
	async pickOnly(entry: string): Promise<void> {
		const list = this.page.locator('.quick-input-list');
		await list.locator('.monaco-list-row').first().waitFor();
		await this.page.locator('.quick-input-widget input[type=text]').fill(entry);
		await list.locator('.monaco-list-row', { hasText: entry }).first().click();
		await this.page.keyboard.press('Enter');
	}

	/** The text of the question that stands before all else. */
	async dialog(): Promise<string> {
		return await this.page.locator('.monaco-dialog-box .dialog-message-row').innerText();
	}

	async dialogSays(words: RegExp): Promise<void> {
		await this.page.locator('.monaco-dialog-box .dialog-message-row', { hasText: words }).waitFor();
	}

	/** Presses a button of that question. */
	async press(button: string): Promise<void> {
		await this.page.locator('.monaco-dialog-box').getByRole('button', { name: button, exact: true }).click();
	}

	async statusSays(words: RegExp): Promise<void> {
		await this.page.locator('.statusbar-item', { hasText: words }).first().waitFor();
	}

	/** A message with these words; the centre is opened, because toasts are off under test. */
	async message(words: RegExp): Promise<Locator> {
		const message = this.page.locator('.notifications-center .notification-list-item', { hasText: words }).first();
		await this.openMessages();
		await message.waitFor();
		return message;
	}

	async openMessages(): Promise<void> {
		if (!await this.page.locator('.notifications-center.visible').isVisible()) {
			await this.page.locator('.statusbar-item[id="status.notifications"]').click();
			// Left there, its tooltip covers the buttons of the messages.
			await this.page.mouse.move(0, 0);
		}
	}

	async closeMessages(): Promise<void> {
		if (await this.page.locator('.notifications-center.visible').isVisible()) {
			// The centre closes by itself with the last message, whose button may just have been pressed.
			await this.page.getByRole('button', { name: 'Clear All Notifications' }).click({ timeout: 3000 }).catch(() => this.page.locator('.notifications-center.visible').waitFor({ state: 'hidden' }));
		}
	}

	/** The text in front, as far as it is on the screen. */
	async editorText(): Promise<string> {
		const lines = await this.page.locator('.editor-instance .monaco-editor .view-line').all();
		const texts = await Promise.all(lines.map(async line => ({ text: (await line.innerText()).replaceAll('\u00a0', ' '), top: (await line.boundingBox())?.y ?? 0 })));
		return texts.sort((a, b) => a.top - b.top).map(({ text }) => text).join('\n');
	}
}

/**
 * In the page: whether a row is not drawn anew for a moment. VS Code forgets a row while it draws it anew with what is above
 * it: a menu's command that is chosen meanwhile gets no row, and asks which one is meant. What else is drawn does not matter.
 * A function of the page, whose things have no types here; a mere text is never called by `evaluate`.
 */
const isStill = new Function('row', `return row.isConnected && new Promise(resolve => {
	const end = isStill => { clearTimeout(timer); watch.disconnect(); resolve(isStill); };
	const timer = setTimeout(() => { end(row.isConnected); }, 200);
	const watch = new MutationObserver(changes => {
		if (changes.some(({ target, removedNodes }) => row.contains(target) || [...removedNodes].includes(row))) {
			end(false);
		}
	});
	watch.observe(row.parentElement, { childList: true, subtree: true });
})`) as (row: unknown) => Promise<boolean>;
