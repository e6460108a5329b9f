/**
 * Something layers can be read from. Plain data, so that it can stand in a URI and be compared. `image` picks one of
 * several images in an archive by reference or digest; `platform` (`os/architecture[/variant]`) one of an index.
 */
export type ImageSource =
	| { readonly kind: 'engine'; readonly reference: string; readonly platform?: string }
	| { readonly kind: 'archive'; readonly path: string; readonly image?: string; readonly platform?: string }
	| { readonly kind: 'layout'; readonly path: string; readonly image?: string; readonly platform?: string };

/** Which image of a source is meant. */
export interface ImageChoice {
	readonly image?: string;
	readonly platform?: string;
}
