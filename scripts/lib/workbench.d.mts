import type { Page } from 'playwright-core';

export interface Workbench {
	readonly page: Page;
	readonly server: {
		address(folder: string, payload?: Readonly<Record<string, string>>): string;
		/** Where its settings and logs are. */
		readonly home: string;
		log(): string;
	};
	/** Writes test/ui/screenshots/<name>.png and says where. */
	screenshot(name: string): Promise<string>;
	close(): Promise<void>;
}

export interface WorkbenchOptions {
	readonly folder: string;
	/** The extension's folder, to run it from its sources; or `vsix`, to run it installed. */
	readonly extensionPath?: string;
	readonly vsix?: string;
	readonly settings?: Readonly<Record<string, unknown>>;
	readonly env?: Readonly<Record<string, string>>;
	/** False opens the folder in restricted mode. */
	readonly trust?: boolean;
	readonly viewport?: { readonly width: number; readonly height: number };
}

export function openWorkbench(options: WorkbenchOptions): Promise<Workbench>;
