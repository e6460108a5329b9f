import * as vscode from 'vscode';
import { formatBytes } from '../../core/base/bytes';
import type { ImageSummary } from '../../core/engine/engine';
import { translate } from '../../platform/messages';
import type { ImageStore } from '../../services/imageStore';
import type { LineFactsStore } from '../../services/lineFactsStore';
import { oneLine } from '../../words/rows';
import { formatAge } from '../../words/when';
import { factsOf, isDockerfile } from './factsOf';

/** Lets a person say which local image a Dockerfile made, so that its history gives the sizes. */
export async function selectImage(store: LineFactsStore, images: ImageStore, argument: unknown): Promise<void> {
	const document = argument instanceof vscode.Uri ? await vscode.workspace.openTextDocument(argument) : vscode.window.activeTextEditor?.document;
	if (document === undefined || !isDockerfile(document)) {
		await vscode.window.showInformationMessage(vscode.l10n.t('Open a Dockerfile first.'));
		return;
	}
	factsOf(store, document);
	const picked = await vscode.window.showQuickPick(picks(images, store.imageOf(document.uri.fsPath)), {
		title: vscode.l10n.t('Select Image for This Dockerfile'),
		placeHolder: vscode.l10n.t('Which image was built from it? Its history gives the sizes of the lines.'),
		matchOnDescription: true,
	});
	if (picked !== undefined && !await store.choose(document.uri.fsPath, picked.reference)) {
		await vscode.window.showWarningMessage(vscode.l10n.t('The history of {0} does not match this Dockerfile: at least one instruction differs.', picked.reference));
	}
}

interface ImagePick extends vscode.QuickPickItem {
	readonly reference: string;
}

async function picks(images: ImageStore, current: string | undefined): Promise<ImagePick[]> {
	const list = (await images.images()).filter(({ references }) => references.length > 0);
	return list.toSorted((a, b) => b.createdAt - a.createdAt).flatMap(image => image.references.map(reference => toPick(image, reference, image.id === current)));
}

function toPick({ sizeBytes, createdAt }: ImageSummary, reference: string, isCurrent: boolean): ImagePick {
	return {
		label: `${isCurrent ? '$(check) ' : ''}${oneLine(reference)}`,
		description: [formatBytes(sizeBytes), formatAge(createdAt, Date.now(), translate), ...isCurrent ? [vscode.l10n.t('in use')] : []].join(' · '),
		reference,
	};
}
