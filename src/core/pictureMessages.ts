/**
 * A part of the picture of an image: a folder, a file, wasted bytes of a file, or many small things together. What
 * cannot be reached any more stands where it was.
 */
export interface PictureNode {
	readonly kind: 'folder' | 'file' | 'wasted' | 'others';
	readonly name: string;
	/** From `/`; of `others` the folder they are in. */
	readonly path: string;
	/** Of it and everything below, wasted ones included. */
	readonly bytes: number;
	readonly wastedBytes: number;
	/** Position of the layer that holds the bytes; undefined where several do. */
	readonly layer: number | undefined;
	/** How many things `others` are; 1 for the rest. */
	readonly count: number;
	readonly children: readonly PictureNode[];
}

/** What the extension and the page with the picture tell each other. */
export interface Picture {
	readonly kind: 'picture';
	/** What is drawn: an image's name. */
	readonly title: string;
	readonly root: PictureNode;
	readonly layers: readonly PictureLayer[];
	readonly words: PictureWords;
}

export interface PictureLayer {
	/** Position in the image, lowest 0. */
	readonly index: number;
	/** The instruction that made it. */
	readonly label: string;
	readonly bytes: number;
	readonly wastedBytes: number;
}

/** Sentences of the page in the reader's language; `{0}` are places. */
export interface PictureWords {
	readonly byLayer: string;
	readonly byWaste: string;
	readonly picture: string;
	readonly table: string;
	readonly exportSvg: string;
	readonly up: string;
	readonly path: string;
	readonly size: string;
	readonly layer: string;
	readonly waste: string;
	readonly others: string;
	/** Brings a legend of many layers back to its largest. */
	readonly largest: string;
	readonly layersBar: string;
	readonly toolbar: string;
	readonly legend: string;
	/** What can be reached, beside waste. */
	readonly kept: string;
	readonly hint: string;
	readonly wasted: string;
	readonly several: string;
}

export type PageMessage =
	| { readonly kind: 'ready' }
	/** Draw this folder. */
	| { readonly kind: 'zoom'; readonly path: string }
	| { readonly kind: 'reveal'; readonly path: string; readonly layer: number | undefined; readonly isWasted: boolean }
	| { readonly kind: 'revealLayer'; readonly layer: number }
	| { readonly kind: 'export'; readonly svg: string };
