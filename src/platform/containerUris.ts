import * as vscode from 'vscode';
import { Scheme } from '../contributions';

/** A file in a container, as it is now. */
export interface ContainerFile {
	readonly id: string;
	/** For people. */
	readonly name: string;
	/** From `/`. */
	readonly path: string;
}

/** `strata-container:/<container's name><path>?<its id>`; a fragment of `empty` stands for a file that is not there. */
export function containerUri({ id, name, path }: ContainerFile): vscode.Uri {
	return vscode.Uri.from({ scheme: Scheme.container, path: `/${name.replaceAll('/', '\u2215') || '\u2013'}${path}`, query: id });
}

/** Undefined for an address that is not of this form. */
export function parseContainerUri({ scheme, path, query }: vscode.Uri): ContainerFile | undefined {
	const [, name, inside] = /^\/([^/]+)(\/.*)?$/s.exec(path) ?? [];
	return scheme !== Scheme.container || name === undefined || !/^[0-9a-f]+$/.test(query) ? undefined : { id: query, name, path: inside ?? '/' };
}
