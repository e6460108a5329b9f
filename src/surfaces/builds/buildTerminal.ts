import * as vscode from 'vscode';

/** Characters kept for a terminal that opens late; of more, the end tells more. */
const mostKept = 2_000_000;

export interface BuildTerminalHost {
	cancel(): void;
	isRunning(): boolean;
}

/**
 * A build's log in a terminal: read-only, opened only when somebody wants to see it, with all that was written before.
 * Closing it leaves the build running and says so; Ctrl+C cancels.
 */
export class BuildTerminal {
	private readonly written = new vscode.EventEmitter<string>();
	private text = '';
	private terminal: vscode.Terminal | undefined;
	private isOpen = false;

	constructor(private readonly name: string, private readonly host: BuildTerminalHost) {}

	write(text: string): void {
		this.text += text;
		if (this.text.length > mostKept) {
			const from = this.text.indexOf('\n', this.text.length - mostKept / 2) + 1;
			this.text = this.text.slice(from);
		}
		if (this.isOpen && text !== '') {
			this.written.fire(text);
		}
	}

	/** The build is over; the log stays. */
	end(): void {
		if (this.isOpen) {
			this.written.fire(hideCursor);
		}
	}

	show(preserveFocus: boolean): void {
		this.terminal ??= vscode.window.createTerminal({
			name: this.name,
			iconPath: new vscode.ThemeIcon('layers'),
			isTransient: true,
			pty: {
				onDidWrite: this.written.event,
				open: () => {
					this.isOpen = true;
					this.written.fire(this.text + hideCursor);
				},
				close: () => { this.closed(); },
				handleInput: (data: string) => {
					if (data === '\x03' && this.host.isRunning()) {
						this.host.cancel();
					}
				},
			},
		});
		this.terminal.show(preserveFocus);
	}

	/** The text goes; an open terminal stays as it is. */
	forget(): void {
		this.text = '';
	}

	dispose(): void {
		this.terminal?.dispose();
		this.written.dispose();
	}

	private closed(): void {
		this.isOpen = false;
		this.terminal = undefined;
		if (this.host.isRunning()) {
			const cancel = vscode.l10n.t('Cancel Build');
			void vscode.window.showInformationMessage(vscode.l10n.t('The build goes on without its log.'), cancel).then(chosen => {
				if (chosen === cancel) {
					this.host.cancel();
				}
			});
		}
	}
}

/** Nothing can be typed here. */
const hideCursor = '\x1b[?25l';
