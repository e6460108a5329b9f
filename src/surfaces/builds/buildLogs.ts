import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../core/base/event';
import type { BuildEvent } from '../../core/build/events';
import { translate } from '../../platform/messages';
import type { Build, BuildRunner } from '../../services/buildRunner';
import { BuildLogWriter } from '../../words/buildLog';
import { BuildTerminal } from './buildTerminal';

/** Logs of this many builds are kept; the terminals of older ones stay as long as they are open. */
const mostKept = 20;

interface KeptLog {
	build: Build;
	readonly writer: BuildLogWriter;
	readonly terminal: BuildTerminal;
	/** Events that came before the run that takes them in. */
	waiting: BuildEvent[];
	isEnded: boolean;
}

/** The logs of this session's builds: as terminals, and step by step as text. */
export class BuildLogs implements Disposable {
	private readonly kept = new Map<string, KeptLog>();
	/** Events of builds whose first run has not come yet. */
	private readonly early = new Map<string, BuildEvent[]>();
	private readonly subscriptions: readonly Disposable[];

	constructor(private readonly runner: BuildRunner) {
		this.subscriptions = [
			runner.onDidReceive(({ id, event }) => { this.receive(id, event); }),
			runner.onDidChange(build => { this.change(build); }),
		];
	}

	/** Shows a build's log; false where it is not kept. */
	show(id: string, preserveFocus: boolean): boolean {
		const log = this.kept.get(id);
		log?.terminal.show(preserveFocus);
		return log !== undefined;
	}

	/** What a step of a build of this session printed; undefined where that is not kept. */
	stepText(id: string, instruction: number): string | undefined {
		return this.kept.get(id)?.writer.stepText(instruction);
	}

	dispose(): void {
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this.kept.forEach(({ terminal }) => { terminal.dispose(); });
	}

	private receive(id: string, event: BuildEvent): void {
		const waiting = this.kept.get(id)?.waiting ?? this.early.get(id);
		if (waiting === undefined) {
			this.early.set(id, [event]);
		} else {
			waiting.push(event);
		}
	}

	private change(build: Build): void {
		const log = this.kept.get(build.id) ?? this.begin(build);
		log.build = build;
		if (log.isEnded) {
			// Only its record learnt more.
			return;
		}
		const events = log.waiting;
		log.waiting = [];
		log.terminal.write(log.writer.push(build.run, events));
		if (build.run.state !== 'running') {
			log.isEnded = true;
			log.terminal.write(log.writer.end(build.run));
			log.terminal.end();
		}
	}

	private begin(build: Build): KeptLog {
		const name = basename(build.context.contextPath);
		const terminal = new BuildTerminal(vscode.l10n.t('Build {0}', name), {
			cancel: () => { this.runner.cancel(build.id); },
			isRunning: () => !log.isEnded,
		});
		const log: KeptLog = {
			build, terminal, writer: new BuildLogWriter(build.resolved.dockerfile, translate),
			waiting: this.early.get(build.id) ?? [], isEnded: false,
		};
		this.early.delete(build.id);
		terminal.write(`\x1b[2m${vscode.l10n.t('{0} from {1}; Ctrl+C cancels', basename(build.options.dockerfilePath), build.context.contextPath)}\x1b[22m\r\n`);
		this.kept.set(build.id, log);
		const [oldest] = this.kept.keys();
		if (this.kept.size > mostKept && oldest !== undefined) {
			this.kept.get(oldest)?.terminal.forget();
			this.kept.delete(oldest);
		}
		return log;
	}
}
