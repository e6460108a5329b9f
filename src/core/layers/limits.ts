/** How much one archive may ask of the machine. An archive is hostile until it is read; every refusal names its bound. */
export interface ArchiveLimits {
	/** Entries of one layer, directories that are only implied included. */
	readonly layerEntries: number;
	/** Bytes of names, link targets and extended attributes of one layer. */
	readonly layerNameBytes: number;
	/** Bytes of one layer, uncompressed. */
	readonly layerBytes: number;
	/** Names in one path. */
	readonly pathDepth: number;
	/** Logical size of one file, bytes (a sparse file's claim costs nothing in the archive). */
	readonly fileBytes: number;
	/** Bytes of one extension header (PAX records, GNU long names). */
	readonly headerBytes: number;
	/** Segments of one sparse file. */
	readonly sparseSegments: number;
	/** Entries of the archive itself. */
	readonly archiveEntries: number;
	/** Bytes of one JSON document, and of all of them. */
	readonly jsonBytes: number;
	readonly allJsonBytes: number;
	/** Uncompressed bytes for each compressed one, counted once more than `inflationFreeBytes` came out. */
	readonly inflationRatio: number;
	readonly inflationFreeBytes: number;
	/** Memory of the zstd window, bytes. */
	readonly zstdWindowBytes: number;
	/** Image indexes within indexes. */
	readonly indexDepth: number;
	/** Bytes of one file read into memory. */
	readonly contentBytes: number;
}

const mebi = 1 << 20;
const gibi = 1 << 30;

export const defaultLimits: ArchiveLimits = {
	layerEntries: 2_000_000,
	layerNameBytes: 256 * mebi,
	layerBytes: 1024 * gibi,
	pathDepth: 1024,
	fileBytes: 1024 * gibi,
	headerBytes: mebi,
	sparseSegments: 100_000,
	archiveEntries: 100_000,
	jsonBytes: 16 * mebi,
	allJsonBytes: 64 * mebi,
	inflationRatio: 200,
	inflationFreeBytes: 2 * gibi,
	zstdWindowBytes: 128 * mebi,
	indexDepth: 4,
	contentBytes: 256 * mebi,
};
