import * as vscode from 'vscode';
import type { ContextKey } from '../contributions';

const written = new Map<string, unknown>();

/** Sets a `when` clause key, only where the value changes. */
export function setContextKey(key: (typeof ContextKey)[keyof typeof ContextKey], value: string | boolean | undefined): void {
	if (written.has(key) && written.get(key) === value) {
		return;
	}
	written.set(key, value);
	void vscode.commands.executeCommand('setContext', key, value);
}
