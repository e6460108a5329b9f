import * as vscode from 'vscode';
import { formatFamiliar, parseReference, sameReference, withDefaultTag } from '../core/image/reference';
import { describeTagProblem } from '../words/reference';
import { translate } from './messages';

export interface ReferenceQuestion {
	readonly title: string;
	readonly prompt: string;
	/** Offered, with its tag selected. */
	readonly value: string;
	/** Names that images have; asked at the end, so that the check is of the moment. */
	readonly taken: () => Promise<readonly string[]>;
}

/** Asks for the name of a new image; a name that another image has is taken from it only by choice. Undefined: the person left. */
export async function askReference({ title, prompt, value: first, taken }: ReferenceQuestion): Promise<string | undefined> {
	let value = first;
	for (;;) {
		const typed = await vscode.window.showInputBox({
			title, prompt, value,
			valueSelection: [value.lastIndexOf(':') + 1, value.length],
			ignoreFocusOut: true,
			validateInput: text => describeTagProblem(text.trim(), translate),
		});
		const parsed = typed === undefined ? undefined : parseReference(typed.trim());
		if (parsed === undefined) {
			return undefined;
		}
		const reference = formatFamiliar(withDefaultTag(parsed));
		if (!(await taken()).some(other => sameReference(other, reference))) {
			return reference;
		}
		const overwrite = vscode.l10n.t('Move the Tag');
		const chosen = await vscode.window.showQuickPick([
			{ label: vscode.l10n.t('Choose Another Name'), description: '' },
			{ label: overwrite, description: vscode.l10n.t('The image that has it now keeps its other tags, or becomes untagged') },
		], { title: vscode.l10n.t('{0} is the name of another image', reference), placeHolder: vscode.l10n.t('What should become of it?'), ignoreFocusOut: true });
		if (chosen?.label === overwrite) {
			return reference;
		}
		if (chosen === undefined) {
			return undefined;
		}
		value = reference;
	}
}
