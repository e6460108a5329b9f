import type { HistoryRow, ImageDetails, ImageSummary, RemovedImage } from '../engine';
import { countOf, environmentOf, instantOf, listOf, numberOf, recordOf, referencesOf, secondsOf, someTextOf, textMapOf, textOf, textsOf } from './wire';

/** `GET /images/json` (Engine API, ImageSummary). An item without an id is dropped. */
export function imageSummaries(body: unknown): readonly ImageSummary[] {
	return listOf(body).flatMap(item => {
		const record = recordOf(item);
		const id = someTextOf(record['Id']);
		return id === undefined ? [] : [{
			id,
			references: referencesOf(record['RepoTags']),
			digests: referencesOf(record['RepoDigests']),
			createdAt: secondsOf(record['Created']) ?? 0,
			sizeBytes: numberOf(record['Size']) ?? 0,
			sharedBytes: countOf(record['SharedSize']),
			parentId: someTextOf(record['ParentId']),
			labels: textMapOf(record['Labels']),
		}];
	});
}

/** `GET /images/{name}/json` (Engine API, ImageInspect). */
export function imageDetails(body: unknown): ImageDetails {
	const record = recordOf(body);
	const config = recordOf(record['Config']);
	const shell = textsOf(config['Shell']);
	return {
		id: textOf(record['Id']) ?? '',
		references: referencesOf(record['RepoTags']),
		digests: referencesOf(record['RepoDigests']),
		createdAt: instantOf(record['Created']),
		sizeBytes: numberOf(record['Size']) ?? 0,
		diffIds: textsOf(recordOf(record['RootFS'])['Layers']),
		os: textOf(record['Os']) ?? '',
		architecture: textOf(record['Architecture']) ?? '',
		variant: someTextOf(record['Variant']),
		env: environmentOf(config['Env']),
		workdir: textOf(config['WorkingDir']) ?? '',
		user: textOf(config['User']) ?? '',
		shell: shell.length > 0 ? shell : undefined,
		onBuild: textsOf(config['OnBuild']),
		labels: textMapOf(config['Labels']),
	};
}

/** `GET /images/{name}/history` (Engine API, HistoryResponseItem); a row whose image is not here has the id `<missing>`. */
export function historyRows(body: unknown): readonly HistoryRow[] {
	return listOf(body).map(item => {
		const record = recordOf(item);
		const id = someTextOf(record['Id']);
		return {
			imageId: id === '<missing>' ? undefined : id,
			createdAt: secondsOf(record['Created']) ?? 0,
			createdBy: textOf(record['CreatedBy']) ?? '',
			sizeBytes: numberOf(record['Size']) ?? 0,
			comment: textOf(record['Comment']) ?? '',
			references: referencesOf(record['Tags']),
		};
	});
}

/** `DELETE /images/{name}` (Engine API, ImageDeleteResponseItem). */
export function removedImages(body: unknown): readonly RemovedImage[] {
	return listOf(body).flatMap((item): RemovedImage[] => {
		const record = recordOf(item);
		const untagged = someTextOf(record['Untagged']);
		const deleted = someTextOf(record['Deleted']);
		return [
			...(untagged === undefined ? [] : [{ kind: 'untagged', reference: untagged } as const]),
			...(deleted === undefined ? [] : [{ kind: 'deleted', reference: deleted } as const]),
		];
	});
}
