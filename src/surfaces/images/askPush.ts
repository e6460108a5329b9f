import * as vscode from 'vscode';
import type { EngineInfo } from '../../core/engine/engine';
import type { ImagePlatform } from '../../core/engine/imagePlatform';
import { separator, showPage, type PageEntry } from '../../platform/optionsPage';
import { oneLine } from '../../words/rows';
import { registryWords } from '../../words/registryError';

export interface PushChoice {
	/** `tag`: under another name, which is still to be given. */
	readonly action: 'push' | 'tag';
	/** Undefined: all that the image has. */
	readonly platform: string | undefined;
}

/**
 * A push makes an image others' to see: the registry is said before. Of an image for several platforms one can be chosen.
 * Undefined: left.
 */
export async function askPush(reference: string, platforms: readonly ImagePlatform[], info: EngineInfo): Promise<PushChoice | undefined> {
	const present = platforms.filter(({ isPresent }) => isPresent).map(({ name }) => name);
	const own = `${info.os}/${info.architecture}`;
	const isWhole = present.length === platforms.length;
	// Told no platform, an engine pushes its own alone where some of the image is elsewhere.
	const offered = present.length < 2 ? [] : [...isWhole ? [undefined] : [], ...present.filter(name => name.startsWith(own)), ...present.filter(name => !name.startsWith(own))];
	const words = (platform: string | undefined): string => platform === undefined ? vscode.l10n.t('all {0} platforms', present.length) : oneLine(platform);
	let [platform] = offered;
	for (;;) {
		const action: PushChoice['action'] | 'platform' | undefined = await showPage<PushChoice['action'] | 'platform'>({
			title: vscode.l10n.t('Push to {0}', registryWords(reference)),
			placeholder: vscode.l10n.t('Layers that the registry has are not sent again'),
			entries: () => [
				{ action: 'push', label: `$(cloud-upload) ${vscode.l10n.t('Push')}`, description: reference },
				{ action: 'tag', label: `$(tag) ${vscode.l10n.t('Give It Another Name First…')}`, description: vscode.l10n.t('for another registry, repository or tag') },
				...offered.length === 0 ? [] : [separator(), { action: 'platform', label: `$(chip) ${vscode.l10n.t('Platform')}`, description: words(platform) } satisfies PageEntry<'platform'>],
			],
		});
		if (action !== 'platform') {
			return action && { action, platform };
		}
		const chosen = await vscode.window.showQuickPick(offered.map(name => ({ label: words(name), name })), {
			title: vscode.l10n.t('Platform'), ignoreFocusOut: true,
			placeHolder: isWhole ? vscode.l10n.t('All of the image, or one platform') : vscode.l10n.t('Some platforms of the image are not here, so one of those that are is pushed'),
		});
		platform = chosen === undefined ? platform : chosen.name;
	}
}
