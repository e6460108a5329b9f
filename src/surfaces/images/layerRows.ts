import { Command } from '../../contributions';
import type { FilteredPaths } from '../../core/pathTree';
import { totalsOf } from '../../core/layers/tree';
import { translate } from '../../platform/messages';
import { rowUri } from '../../platform/rowColors';
import type { Row } from '../../platform/tree';
import { changeRow, changesRow, fileRow, filesRow } from '../../words/layers';
import { entryOf, isChange, isReadableKind, type LayerViewNode, type NoteNode, type PathEntryNode } from './layerNodes';

export function viewRow(view: LayerViewNode, id: string, left: FilteredPaths | undefined, isOpen: boolean): Row {
	const { explored, layer } = view;
	const text = view.kind === 'changes'
		? changesRow(explored.changes(layer).totals(explored.changes(layer).root), translate)
		: filesRow(totalsOf(explored.upTo(layer), explored.root(layer)), translate);
	const matches = left === undefined ? undefined : left.matches === 1 ? translate('1 match') : translate('{0} matches', left.matches);
	return {
		...text,
		description: matches ?? text.description,
		accessible: matches === undefined ? text.accessible : `${text.label}, ${matches}`,
		id,
		icon: { name: view.kind === 'changes' ? 'diff' : 'list-tree' },
		contextValue: view.kind,
		expand: isOpen || (left !== undefined && left.matches > 0) ? 'expanded' : 'collapsed',
	};
}

/** `opens`: folders are open from the start. */
export function entryRow(node: PathEntryNode, id: string, opens: boolean): Row {
	const { entry, view } = node;
	const { explored, layer } = view;
	const { kind } = entryOf(entry);
	const isFolder = kind === 'directory';
	const change = isChange(entry) ? entry.change : undefined;
	const text = isChange(entry)
		? changeRow(entry, explored.changes(layer).totals(entry), translate)
		: fileRow(entry, totalsOf(explored.upTo(layer), entry), explored.image.layers[entry.layer]?.createdBy, translate);
	const isReadable = isReadableKind(kind);
	return {
		...text,
		id,
		icon: { name: kind === 'symlink' ? 'file-symlink-file' : isFolder ? 'folder' : isReadable ? 'file' : 'plug' },
		uri: rowUri(change, entry.path),
		contextValue: [isFolder ? 'folder' : isReadable ? 'file' : 'special', ...change === undefined ? [] : [change]].join('+'),
		expand: !isFolder ? 'leaf' : opens ? 'expanded' : 'collapsed',
		command: isReadable ? { title: translate('Open File'), command: Command.openLayerFile, arguments: [node] } : undefined,
	};
}

export function noteRow(note: NoteNode, id: string): Row {
	return {
		id,
		label: note.text,
		accessible: note.text,
		icon: { name: note.more === undefined ? 'info' : note.more.kind === 'history' ? 'refresh' : 'ellipsis' },
		contextValue: 'note',
		expand: 'leaf',
		command: note.more === undefined ? undefined : { title: note.text, command: Command.showMoreFiles, arguments: [note] },
	};
}
