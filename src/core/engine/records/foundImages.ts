import type { FoundImage } from '../engine';
import { countOf, listOf, recordOf, someTextOf, textOf } from './wire';

/** `GET /images/search` (Engine API, ImageSearch). */
export function foundImages(body: unknown): readonly FoundImage[] {
	return listOf(body).flatMap(item => {
		const record = recordOf(item);
		const name = someTextOf(record['name']);
		return name === undefined ? [] : [{
			name, description: textOf(record['description']) ?? '', stars: countOf(record['star_count']), isOfficial: record['is_official'] === true,
		}];
	});
}
