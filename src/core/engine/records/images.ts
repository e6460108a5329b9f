import { formatPlatform } from '../../image/manifest';
import type { HistoryRow, ImageDetails, ImageSummary, RemovedImage } from '../engine';
import type { ImagePlatform } from '../imagePlatform';
import { countOf, environmentOf, familiarName, imageIdOf, instantOf, listOf, numberOf, recordOf, referencesOf, secondsOf, someTextOf, textMapOf, textOf, textsOf } from './wire';

/** `GET /images/json` (Engine API, ImageSummary). An item without an id is dropped. `hasShared`: asked for what images share. */
export function imageSummaries(body: unknown, { hasShared, knowsPlatforms }: { readonly hasShared: boolean; readonly knowsPlatforms: boolean }): readonly ImageSummary[] {
	return listOf(body).flatMap(item => {
		const record = recordOf(item);
		const id = imageIdOf(record['Id']);
		return id === undefined ? [] : [{
			id,
			references: referencesOf(record['RepoTags']),
			digests: referencesOf(record['RepoDigests']),
			createdAt: secondsOf(record['Created']) ?? 0,
			sizeBytes: numberOf(record['Size']) ?? 0,
			// Who was not asked writes -1, or (Podman) 0.
			sharedBytes: hasShared ? countOf(record['SharedSize']) : undefined,
			platforms: imagePlatforms(record['Manifests'], knowsPlatforms),
			parentId: imageIdOf(record['ParentId']),
			labels: textMapOf(record['Labels']),
		}];
	});
}

/** An image's `Manifests`, those of attestations aside. */
function imagePlatforms(manifests: unknown, isReadable: boolean): readonly ImagePlatform[] {
	return listOf(manifests).flatMap(item => {
		const { Kind: kind, ID: id, Available: available, Size: size, ImageData: data } = recordOf(item);
		const { Platform: platform, Size: unpacked } = recordOf(data);
		const { os, architecture, variant } = recordOf(platform);
		const name = formatPlatform({ os: textOf(os) ?? '', architecture: textOf(architecture) ?? '', variant: textOf(variant) });
		return kind !== 'image' || name === '' ? [] : [{
			name,
			digest: textOf(id) ?? '',
			isPresent: available === true,
			isReadable: available === true && isReadable,
			contentBytes: numberOf(recordOf(size)['Content']) ?? 0,
			unpackedBytes: numberOf(recordOf(unpacked)['Unpacked']) ?? 0,
		}];
	});
}

/** `GET /images/{name}/json` (Engine API, ImageInspect). */
export function imageDetails(body: unknown): ImageDetails {
	const record = recordOf(body);
	const config = recordOf(record['Config']);
	const shell = textsOf(config['Shell']);
	return {
		id: imageIdOf(record['Id']) ?? '',
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

/**
 * `GET /images/{name}/history` (Engine API, HistoryResponseItem); a row whose image is not here has the id `<missing>`.
 * `hasIds`: the rows' ids are those of their images; Podman's are off by some rows.
 */
export function historyRows(body: unknown, hasIds: boolean): readonly HistoryRow[] {
	return listOf(body).map(item => {
		const record = recordOf(item);
		const id = imageIdOf(record['Id']);
		return {
			imageId: !hasIds || id === '<missing>' ? undefined : id,
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
		const deleted = imageIdOf(record['Deleted']);
		return [
			...(untagged === undefined ? [] : [{ kind: 'untagged', reference: familiarName(untagged) } as const]),
			...(deleted === undefined ? [] : [{ kind: 'deleted', reference: deleted } as const]),
		];
	});
}
