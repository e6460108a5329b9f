/** An image as it is for one platform (Engine API, ImageManifestSummary). */
export interface ImagePlatform {
	/** `os/architecture[/variant]`. */
	readonly name: string;
	/** Of its own manifest. */
	readonly digest: string;
	/** All of its content is here. Else the engine knows it from the image's index only. */
	readonly isPresent: boolean;
	/** The engine can be asked for its history and layers. */
	readonly isReadable: boolean;
	/** What is stored of it, compressed as it came. */
	readonly contentBytes: number;
	/** Its files on disk; 0 where it was never unpacked. */
	readonly unpackedBytes: number;
}
