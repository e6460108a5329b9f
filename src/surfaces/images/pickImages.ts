import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import type { ImageSummary } from '../../core/engine/engine';
import { shortDigest } from '../../core/image/digest';
import { translate } from '../../platform/messages';
import { oneLine } from '../../words/rows';
import { formatAge } from '../../words/when';

export interface ImageQuestion {
	readonly placeHolder: string;
	readonly canPickMany: boolean;
	/** Whether images without a name can be chosen too. */
	readonly untagged: boolean;
}

/** Asks for images by their names, those without one by their ids. Undefined: the person left, or there is none. */
export async function pickImages(store: { images(): Promise<readonly ImageSummary[]> }, { placeHolder, canPickMany, untagged }: ImageQuestion): Promise<readonly string[] | undefined> {
	const images = await store.images();
	const picks = [
		...images.flatMap(image => image.references.map(reference => pickOf(image, reference))).sort((a, b) => a.label < b.label ? -1 : 1),
		...untagged ? images.filter(({ references }) => references.length === 0).map(image => pickOf(image, undefined)) : [],
	];
	if (picks.length === 0) {
		await vscode.window.showInformationMessage(vscode.l10n.t('This engine has no images yet.'));
		return undefined;
	}
	const options = { placeHolder, matchOnDescription: true };
	if (canPickMany) {
		return (await vscode.window.showQuickPick(picks, { ...options, canPickMany: true }))?.map(({ name }) => name);
	}
	const picked = await vscode.window.showQuickPick(picks, options);
	return picked && [picked.name];
}

/** Asks for one, with or without a name. Undefined as in `pickImages`. */
export async function askImage(store: { images(): Promise<readonly ImageSummary[]> }, placeHolder: string): Promise<{ readonly image: ImageSummary; readonly reference: string | undefined } | undefined> {
	const [name] = await pickImages(store, { placeHolder, canPickMany: false, untagged: true }) ?? [];
	const image = name === undefined ? undefined : (await store.images()).find(({ id, references }) => id === name || references.includes(name));
	return image && { image, reference: name === image.id ? undefined : name };
}

function pickOf({ id, sizeBytes, sharedBytes, createdAt }: ImageSummary, reference: string | undefined): vscode.QuickPickItem & { readonly name: string } {
	const own = sharedBytes === undefined ? [] : [vscode.l10n.t('{0} own', formatBytes(Math.max(0, sizeBytes - sharedBytes)))];
	return {
		name: reference ?? id,
		label: oneLine(reference ?? shortDigest(id)),
		description: [formatBytes(sizeBytes), ...own, ...createdAt > 0 ? [formatAge(createdAt, Date.now(), translate)] : []].join(' · '),
	};
}
