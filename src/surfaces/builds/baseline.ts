import * as vscode from 'vscode';
import type { BuildRecord } from '../../core/build/record';
import type { BaselineKey, BaselineStore } from '../../services/baselineStore';
import type { RecordStore } from '../../services/recordStore';
import type { BuildItem } from './buildItem';

interface BaselineServices {
	readonly baselines: BaselineStore;
	readonly records: RecordStore;
}

/** Pins the build of a row, or else the last one of a Dockerfile: later builds are compared with it. */
export async function pinBaseline({ baselines, records }: BaselineServices, item: BuildItem | undefined, path: string | undefined): Promise<void> {
	const record = item?.record ?? (path === undefined ? undefined : await records.latestOf(path));
	if (record?.state !== 'succeeded') {
		await vscode.window.showInformationMessage(vscode.l10n.t('Only a build that succeeded can be pinned. Build the Dockerfile first.'));
		return;
	}
	await baselines.pin(record);
	vscode.window.setStatusBarMessage(vscode.l10n.t('$(pin) Later builds of {0} are compared with this one', nameOf(record)), 5000);
}

/** Takes back the pin of a row's build, or else that of the target which a Dockerfile's last build had. */
export async function unpinBaseline({ baselines, records }: BaselineServices, item: BuildItem | undefined, path: string | undefined): Promise<void> {
	const last = item === undefined && path !== undefined ? await records.latestOf(path) : undefined;
	const key: BaselineKey | undefined = item === undefined ? last && { dockerfilePath: last.dockerfilePath, target: last.options.target } : { dockerfilePath: item.path, target: item.target };
	if (key === undefined || !await baselines.unpin(key)) {
		await vscode.window.showInformationMessage(vscode.l10n.t('No build of this Dockerfile is pinned.'));
	}
}

function nameOf({ dockerfilePath, options: { target } }: BuildRecord): string {
	const name = vscode.workspace.asRelativePath(dockerfilePath);
	return target === undefined ? name : `${name} (${target})`;
}
