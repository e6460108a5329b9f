import { until } from './run.mjs';

/** What a person does with a Dockerfile in the workbench, and sees on its lines. */

export async function openFile(page, path) {
	await page.keyboard.press('Control+P');
	await page.locator('.quick-input-widget input').fill(path);
	await page.locator('.quick-input-list .monaco-list-row', { hasText: path.split('/').at(-1) }).first().waitFor();
	// The list may still show an earlier search: the first row is taken only once it names the folder too.
	await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: path.split('/')[0] }).waitFor();
	await page.keyboard.press('Enter');
	await page.locator('.monaco-editor .view-line').first().waitFor();
}

export async function runCommand(page, title) {
	await page.keyboard.press('F1');
	await page.locator('.quick-input-widget input').fill(`>${title}`);
	await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).waitFor();
	await page.keyboard.press('Enter');
}

/**
 * Builds with a click on the lens (or as `start` does) and gives the lines as they stand when the build is over. Throws
 * what a message says where the editor asks or complains instead of building.
 */
export async function buildFromLens(page, start = () => lens(page, 'Build').click()) {
	const newest = async () => {
		const row = page.getByRole('treeitem', { name: /^Build \d/ }).first();
		return await row.count() === 0 ? '' : await row.getAttribute('aria-label') ?? '';
	};
	await lens(page, 'Build').waitFor({ timeout: 30_000 });
	const before = await newest();
	await start();
	await until('the build to end', 300, async () => {
		const message = page.locator('.notification-toast .notification-list-item-message').first();
		if (await message.count() > 0) {
			throw new Error(await message.innerText());
		}
		const row = await newest();
		return row !== before && /, succeeded|, failed|, cancelled/.test(row);
	}, 100);
	await lens(page, 'Build').waitFor({ timeout: 30_000 });
	return settled(() => linesOnScreen(page));
}

function lens(page, title) {
	return page.locator('.codelens-decoration a').filter({ hasText: new RegExp(`^\\s*${title}$`) }).first();
}

/** Every line that has a lens: its number, its text, and the lens's words without those that are buttons. */
export function linesOnScreen(page) {
	return page.evaluate(() => {
		const editor = document.querySelector('.editor-instance .monaco-editor');
		const top = element => element.getBoundingClientRect().top;
		const numbers = [...editor.querySelectorAll('.line-numbers')].map(element => ({ line: Number(element.textContent), top: top(element) }));
		const texts = [...editor.querySelectorAll('.view-line')].map(element => ({ text: element.textContent.replaceAll('\u00a0', ' '), top: top(element) }));
		const lenses = [...editor.querySelectorAll('.codelens-decoration')].map(element => ({
			facts: [...element.children].map(child => child.textContent.trim()).filter(word => word !== '' && word !== '|' && !/^(Cancel )?Build\b/.test(word)).join(' '),
			top: top(element),
		}));
		return lenses.map(({ facts, top }) => {
			const { line, top: lineTop } = numbers.filter(one => one.top > top + 2).sort((a, b) => a.top - b.top)[0];
			const text = texts.find(one => Math.abs(one.top - lineTop) < 4)?.text ?? '';
			return { line, text: text.length > 60 ? `${text.slice(0, 59)}…` : text, facts };
		}).filter(({ facts }) => facts !== '').sort((a, b) => a.line - b.line);
	});
}

/** An answer that stays the same for a second: sizes of lines that are in no image arrive after the build. */
async function settled(ask) {
	let last;
	let since = Date.now();
	return until('the lines to settle', 30, async () => {
		const answer = await ask();
		const text = JSON.stringify(answer);
		if (text !== last) {
			last = text;
			since = Date.now();
		}
		return Date.now() - since > 1000 && answer;
	}, 100);
}
