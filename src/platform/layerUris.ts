import * as vscode from 'vscode';
import { Scheme } from '../contributions';
import { readSource, type LayerFile } from '../core/layerFile';

/**
 * `strata-layer:/<image's name>/layer <position>/<path>?<source>`: the path is what a person reads, the query says as JSON where
 * the layers are, so that an editor that is restored finds its file again.
 */
export function layerUri({ source, name, layer, path }: LayerFile): vscode.Uri {
	return vscode.Uri.from({
		scheme: Scheme.layer,
		path: `/${name.replaceAll('/', slash) || '\u2013'}/layer ${String(layer)}${path}`,
		query: JSON.stringify(source),
	});
}

/** In place of a file that one side of a comparison does not have. */
export function emptyUri(file: LayerFile): vscode.Uri {
	return layerUri(file).with({ fragment: empty });
}

export function isEmptyUri({ fragment }: vscode.Uri): boolean {
	return fragment === empty;
}

/** Undefined for an address that is not of this form. */
export function parseLayerUri({ scheme, path, query }: vscode.Uri): LayerFile | undefined {
	const parts = /^\/([^/]+)\/(?:layer )?(\d+)(\/.*)?$/.exec(path);
	if (scheme !== Scheme.layer || parts === null) {
		return undefined;
	}
	const source = readSource(parsed(query));
	return source && { source, name: parts[1]!.replaceAll(slash, '/'), layer: Number(parts[2]), path: parts[3] ?? '/' };
}

/** Looks like a slash and is none. */
const slash = '\u2215';
const empty = 'empty';

function parsed(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		return undefined;
	}
}
