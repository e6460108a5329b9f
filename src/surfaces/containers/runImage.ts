import * as vscode from 'vscode';
import type { RunRequest } from '../../core/engine/containerCalls';
import type { RunConfig } from '../../core/engine/runConfig';
import { isInteractive, readContainerName, readPorts, readVariables, readVolumes, readWords, writeWords, type Read } from '../../core/runPlan';
import { translate } from '../../platform/messages';
import { separator, showPage, type PageEntry } from '../../platform/optionsPage';
import { describeRunProblem } from '../../words/containers';
import { oneLine } from '../../words/rows';

type Action = 'run' | 'name' | 'command' | 'ports' | 'env' | 'volumes' | 'network' | 'interactive' | 'remove';

/** The texts as they were written, so that they can be changed again. */
interface Written {
	readonly name: string;
	readonly command: string;
	readonly ports: string;
	readonly env: string;
	readonly volumes: string;
}

/** Everything on one page, the first entry runs it. Undefined: the person left. */
export async function askRun(image: string, shown: string, config: RunConfig): Promise<RunRequest | undefined> {
	let written: Written = { name: '', command: '', ports: '', env: '', volumes: '' };
	let request: RunRequest = {
		image, name: undefined, entrypoint: undefined, command: undefined, env: {}, ports: [], volumes: [], network: undefined, removeWhenStopped: false,
		interactive: isInteractive([...config.entrypoint, ...config.command]),
	};
	const ask = async <T>(field: keyof Written, options: vscode.InputBoxOptions, read: (text: string) => Read<T>, apply: (value: T) => RunRequest): Promise<void> => {
		const text = await vscode.window.showInputBox({
			ignoreFocusOut: true, value: written[field], ...options,
			validateInput: typed => {
				const result = read(typed.trim());
				return 'value' in result ? undefined : describeRunProblem(result.problem, result.subject, translate);
			},
		});
		const result = text === undefined ? undefined : read(text.trim());
		if (text !== undefined && result !== undefined && 'value' in result) {
			written = { ...written, [field]: text.trim() };
			request = apply(result.value);
		}
	};
	for (;;) {
		const action: Action | undefined = await showPage<Action>({
			title: vscode.l10n.t('Run {0}', oneLine(shown)),
			placeholder: vscode.l10n.t('Enter runs it; or choose what to change first'),
			entries: () => entries(request, written, config),
		});
		switch (action) {
			case undefined:
				return undefined;
			case 'run':
				return request;
			case 'name':
				await ask('name', { title: vscode.l10n.t('Name'), prompt: vscode.l10n.t('Empty: the engine finds one') }, readContainerName, name => ({ ...request, name }));
				break;
			case 'command':
				await ask('command', { title: vscode.l10n.t('Command'), prompt: vscode.l10n.t('Empty: the image\'s own. Words as in a shell; nothing is expanded'), placeHolder: writeWords(config.command) }, readWords,
					words => ({ ...request, command: words.length === 0 ? undefined : words }));
				break;
			case 'ports':
				await ask('ports', { title: vscode.l10n.t('Ports'), prompt: vscode.l10n.t('Host port, colon, container port; several by spaces'), placeHolder: config.ports.map(port => `8080:${port}`).join(' ') || '8080:80' }, readPorts, ports => ({ ...request, ports }));
				break;
			case 'env':
				await ask('env', { title: vscode.l10n.t('Environment'), prompt: vscode.l10n.t('NAME=value, several by spaces; quotes as in a shell'), placeHolder: 'MODE=test' }, readVariables, env => ({ ...request, env }));
				break;
			case 'volumes':
				await ask('volumes', { title: vscode.l10n.t('Volumes'), prompt: vscode.l10n.t('A folder or a volume\'s name, colon, path in the container; several by ;'), placeHolder: '/srv/data:/data:ro' }, readVolumes, volumes => ({ ...request, volumes }));
				break;
			case 'network': {
				const picked = await vscode.window.showQuickPick([
					{ label: vscode.l10n.t('default'), network: undefined }, { label: 'none', network: 'none' }, { label: 'host', network: 'host' },
				], { title: vscode.l10n.t('Network'), placeHolder: vscode.l10n.t('Which network should it be in?') });
				request = picked === undefined ? request : { ...request, network: picked.network };
				break;
			}
			case 'interactive':
				request = { ...request, interactive: !request.interactive };
				break;
			case 'remove':
				request = { ...request, removeWhenStopped: !request.removeWhenStopped };
				break;
		}
	}
}

function entries(request: RunRequest, written: Written, config: RunConfig): PageEntry<Action>[] {
	const none = vscode.l10n.t('none');
	const own = [...config.entrypoint, ...config.command];
	const toggle = (on: boolean): string => on ? '$(pass-filled)' : '$(circle-large-outline)';
	return [
		{
			action: 'run', label: `$(play) ${vscode.l10n.t('Run')}`, alwaysShow: true,
			description: oneLine(writeWords(request.command === undefined ? own : [...config.entrypoint, ...request.command])),
		},
		separator(),
		{ action: 'name', label: `$(tag) ${vscode.l10n.t('Name')}`, description: written.name || vscode.l10n.t('the engine finds one') },
		{ action: 'command', label: `$(terminal) ${vscode.l10n.t('Command')}`, description: oneLine(written.command) || vscode.l10n.t('the image\'s own') },
		{ action: 'ports', label: `$(plug) ${vscode.l10n.t('Ports')}`, description: written.ports || (config.ports.length > 0 ? vscode.l10n.t('none; the image exposes {0}', config.ports.join(', ')) : none) },
		{ action: 'env', label: `$(symbol-variable) ${vscode.l10n.t('Environment')}`, description: oneLine(written.env) || none },
		{ action: 'volumes', label: `$(folder) ${vscode.l10n.t('Volumes')}`, description: oneLine(written.volumes) || none },
		{ action: 'network', label: `$(globe) ${vscode.l10n.t('Network')}`, description: request.network ?? vscode.l10n.t('default') },
		{
			action: 'interactive', label: `${toggle(request.interactive)} ${vscode.l10n.t('Terminal to type into')}`,
			description: request.interactive ? vscode.l10n.t('on: opens with it') : vscode.l10n.t('off: runs by itself; see its logs'),
		},
		{
			action: 'remove', label: `${toggle(request.removeWhenStopped)} ${vscode.l10n.t('Remove when it stops')}`,
			description: request.removeWhenStopped ? vscode.l10n.t('on: what changes in it is lost then') : vscode.l10n.t('off: it stays, with its changes'),
		},
	];
}
