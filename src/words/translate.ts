/**
 * Turns an English sentence with `{0}` places into the reader's language. The editor passes `vscode.l10n.t`; the
 * command line and the tests `english`.
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;

export const english: Translate = (message, ...args) =>
	message.replace(/\{(\d+)\}/g, (place, index: string) => String(args[Number(index)] ?? place));
