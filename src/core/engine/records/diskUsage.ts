import type { DiskUsage } from '../engine';
import { countOf, listOf, recordOf, type WireRecord } from './wire';

/** `GET /system/df`: lists of everything up to API 1.51, totals from 1.52. */
export function diskUsage(body: unknown): DiskUsage {
	const record = recordOf(body);
	const total = (key: string): number | undefined => countOf(recordOf(record[key])['TotalSize']);
	return {
		// Podman writes 0, however many it has.
		images: total('ImageUsage') ?? (record['LayersSize'] === 0 && listOf(record['Images']).length > 0 ? undefined : countOf(record['LayersSize'])),
		containers: total('ContainerUsage') ?? sum(record, 'Containers', container => countOf(container['SizeRw']) ?? 0),
		volumes: total('VolumeUsage') ?? sum(record, 'Volumes', volume => countOf(recordOf(volume['UsageData'])['Size']) ?? 0),
		// What is shared with images is counted there.
		buildCache: total('BuildCacheUsage') ?? sum(record, 'BuildCache', cache => cache['Shared'] === true ? 0 : countOf(cache['Size']) ?? 0),
	};
}

/** An engine writes `null` for a list of nothing. */
function sum(record: WireRecord, key: string, sizeOf: (item: WireRecord) => number): number | undefined {
	return key in record ? listOf(record[key]).reduce<number>((bytes, item) => bytes + sizeOf(recordOf(item)), 0) : undefined;
}
