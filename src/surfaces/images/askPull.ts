import * as vscode from 'vscode';
import type { Engine, EngineInfo, FoundImage } from '../../core/engine/engine';
import { isCancellation } from '../../core/engine/engineError';
import { formatFamiliar, parseReference, withDefaultTag } from '../../core/image/reference';
import { askValue, separator, showPage } from '../../platform/optionsPage';
import { oneLine, shorten } from '../../words/rows';

export interface PullChoice {
	readonly reference: string;
	/** Undefined: the engine's own. */
	readonly platform: string | undefined;
}

/** How long typing pauses before the Hub is searched, in milliseconds. */
const pause = 300;

/** Asks what to pull, with what Docker Hub finds where the engine reaches it, and for which platform. Undefined: left. */
export async function askPull(engine: Pick<Engine, 'searchImages'>, info: EngineInfo): Promise<PullChoice | undefined> {
	const reference = await askName(engine);
	let platform: string | undefined;
	while (reference !== undefined) {
		const own = `${info.os}/${info.architecture}`;
		const action = await showPage<'pull' | 'platform'>({
			title: vscode.l10n.t('Pull Image (2/2)'),
			placeholder: vscode.l10n.t('Enter pulls; or choose another platform first'),
			entries: () => [
				{ action: 'pull', label: `$(cloud-download) ${vscode.l10n.t('Pull')}`, description: reference },
				separator(),
				{ action: 'platform', label: `$(chip) ${vscode.l10n.t('Platform')}`, description: platform ?? vscode.l10n.t('{0}, the engine\'s own', own) },
			],
		});
		if (action === undefined) {
			return undefined;
		}
		if (action === 'pull') {
			return { reference, platform };
		}
		platform = await askPlatform(platform, own);
	}
	return undefined;
}

async function askPlatform(before: string | undefined, own: string): Promise<string | undefined> {
	const other = vscode.l10n.t('Another…');
	const picked = await vscode.window.showQuickPick([own, ...commonPlatforms.filter(platform => platform !== own), other], { title: vscode.l10n.t('Platform'), ignoreFocusOut: true });
	if (picked === undefined) {
		return before;
	}
	if (picked !== other) {
		return picked === own ? undefined : picked;
	}
	return await askValue({
		title: vscode.l10n.t('Platform'), value: before ?? '', prompt: vscode.l10n.t('Operating system, architecture and perhaps variant, for example linux/arm/v6'),
		validateInput: text => /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/.test(text.trim()) ? undefined : vscode.l10n.t('Write it like linux/arm64.'),
	}) || before;
}

const commonPlatforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/s390x', 'linux/ppc64le'];

type NamePick = vscode.QuickPickItem & { readonly reference?: string };

/** A name as it is typed; below, what the Hub has of that name. */
function askName(engine: Pick<Engine, 'searchImages'>): Promise<string | undefined> {
	const pick = vscode.window.createQuickPick<NamePick>();
	pick.title = vscode.l10n.t('Pull Image (1/2)');
	pick.placeholder = vscode.l10n.t('Name of an image, for example nginx:1.27 or registry.example.org/team/web:2');
	pick.ignoreFocusOut = true;
	let found: readonly NamePick[] = [];
	let search = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const draw = (): void => { pick.items = [...typedItem(pick.value), ...found]; };
	const look = async (term: string, { signal }: AbortController): Promise<void> => {
		try {
			found = foundItems(await engine.searchImages(term, signal));
		} catch (failure) {
			if (signal.aborted || isCancellation(failure)) {
				return;
			}
			found = [separatorItem, {
				label: `$(info) ${vscode.l10n.t('Docker Hub cannot be searched from this engine')}`, alwaysShow: true,
				detail: vscode.l10n.t('Write the whole name to pull it all the same. The engine says: {0}', oneLine(failure instanceof Error ? failure.message : String(failure))),
			}];
		}
		if (!signal.aborted) {
			pick.busy = false;
			draw();
		}
	};
	return new Promise(resolve => {
		pick.onDidChangeValue(text => {
			search.abort();
			clearTimeout(timer);
			search = new AbortController();
			const term = hubTerm(text);
			found = term === undefined ? [] : found;
			pick.busy = term !== undefined;
			timer = term === undefined ? undefined : setTimeout(() => { void look(term, search); }, pause);
			draw();
		});
		pick.onDidAccept(() => {
			const [chosen] = pick.selectedItems;
			if (chosen?.reference !== undefined) {
				resolve(chosen.reference);
				pick.hide();
			}
		});
		pick.onDidHide(() => {
			search.abort();
			clearTimeout(timer);
			resolve(undefined);
			pick.dispose();
		});
		draw();
		pick.show();
	});
}

const separatorItem: NamePick = { label: 'Docker Hub', kind: vscode.QuickPickItemKind.Separator };

function typedItem(text: string): readonly NamePick[] {
	const reference = parseReference(text.trim());
	if (reference === undefined) {
		return text.trim() === '' ? [] : [{ label: `$(warning) ${vscode.l10n.t('"{0}" is no name of an image', oneLine(text))}`, alwaysShow: true }];
	}
	const name = formatFamiliar(withDefaultTag(reference));
	return [{ label: `$(cloud-download) ${vscode.l10n.t('Pull {0}', name)}`, alwaysShow: true, reference: name }];
}

/** What to search for: only of the Hub's own names there is a search. */
function hubTerm(text: string): string | undefined {
	const reference = parseReference(text.trim());
	const term = text.trim().replace(/[:@].*$/, '');
	return reference?.domain === 'docker.io' && term.length >= 2 ? term : undefined;
}

function foundItems(images: readonly FoundImage[]): readonly NamePick[] {
	return images.length === 0 ? [] : [separatorItem, ...images.flatMap(({ name, description, stars, isOfficial }): NamePick[] => {
		const reference = parseReference(name);
		return reference === undefined ? [] : [{
			label: oneLine(name),
			description: [isOfficial ? vscode.l10n.t('official') : '', stars === undefined || stars === 0 ? '' : `$(star) ${String(stars)}`].filter(part => part !== '').join(' · '),
			detail: shorten(oneLine(description), 120) || undefined,
			reference: formatFamiliar(withDefaultTag(reference)),
			alwaysShow: true,
		}];
	})];
}
