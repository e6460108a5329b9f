import { ArchiveError } from './archiveError';

/** Records of a PAX extended header (POSIX.1-2001, pax Extended Header): `length key=value\n`, the last of a key wins. */
export function paxRecords(data: Buffer): ReadonlyMap<string, Buffer> {
	const records = new Map<string, Buffer>();
	let at = 0;
	while (at < data.length) {
		const blank = data.indexOf(0x20, at);
		const length = blank < 0 || blank - at > 10 ? NaN : decimal(data, at, blank);
		const end = at + length;
		const equals = data.indexOf(0x3d, blank);
		if (!(end <= data.length) || data[end - 1] !== 0x0a || equals < 0 || equals >= end - 1) {
			// Padding of NULs after the last record is what some writers leave.
			if (data[at] === 0) {
				break;
			}
			throw new ArchiveError('badHeader', undefined, { found: 'PAX record' });
		}
		const key = data.toString('utf8', blank + 1, equals);
		// GNU sparse 0.0 repeats its keys: their order is their meaning, so they are kept as one list.
		const value = data.subarray(equals + 1, end - 1);
		const before = key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes' ? records.get(key) : undefined;
		records.set(key, before === undefined ? value : Buffer.concat([before, Buffer.from(','), value]));
		at = end;
	}
	return records;
}

function decimal(data: Buffer, from: number, to: number): number {
	let value = from < to ? 0 : NaN;
	for (let at = from; at < to; at++) {
		const digit = data[at]! - 0x30;
		value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
	}
	return value > 0 ? value : NaN;
}
