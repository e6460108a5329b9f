import { formatBytes } from '../core/base/bytes';
import type { Change, ChangeNode, ChangeTotals } from '../core/layers/changes';
import type { TreeNode, Totals } from '../core/layers/tree';
import { oneLine, shorten, type RowText } from './rows';
import type { Translate } from './translate';

export function layerChangeWord(change: Change, t: Translate): string {
	return { added: t('added'), modified: t('modified'), removed: t('removed') }[change];
}

/** The row over a layer's changes. */
export function changesRow(totals: ChangeTotals, t: Translate): RowText {
	const counts = changeTotals(totals, t);
	const label = t('Changes');
	return {
		label,
		description: [formatBytes(totals.bytes), changeLetters(totals, t)].join(' · '),
		tooltip: [
			t('What this layer did to files and folders: {0}', counts),
			t('File content in this layer: {0}', formatBytes(totals.bytes)),
			...totals.removedBytes > 0 ? [t('Hidden in layers below, and stored there still: {0}', formatBytes(totals.removedBytes))] : [],
		].join('\n'),
		accessible: [label, formatBytes(totals.bytes), counts].join(', '),
	};
}

/** The row over the merged view. */
export function filesRow({ bytes, files }: Totals, t: Translate): RowText {
	const label = t('Files up to Here');
	const count = files === 1 ? t('1 file') : t('{0} files', files);
	return {
		label,
		description: [formatBytes(bytes), count].join(' · '),
		tooltip: t('What a container of this layer and those below it sees.'),
		accessible: [label, formatBytes(bytes), count].join(', '),
	};
}

export function changeTotals({ added, modified, removed }: Pick<ChangeTotals, 'added' | 'modified' | 'removed'>, t: Translate): string {
	const parts = [
		...added > 0 ? [t('{0} added', added)] : [],
		...modified > 0 ? [t('{0} modified', modified)] : [],
		...removed > 0 ? [t('{0} removed', removed)] : [],
	];
	return parts.length === 0 ? t('nothing changed') : parts.join(', ');
}

/** `3 A, 1 D`, with the letters that rows have: a narrow view cuts longer words. */
export function changeLetters({ added, modified, removed }: Pick<ChangeTotals, 'added' | 'modified' | 'removed'>, t: Translate): string {
	const parts = ([[added, 'A'], [modified, 'M'], [removed, 'D']] as const).filter(([count]) => count > 0).map(([count, letter]) => `${String(count)} ${letter}`);
	return parts.length === 0 ? t('nothing changed') : parts.join(', ');
}

export function changeRow({ name, path, change, entry, before }: ChangeNode, totals: ChangeTotals, t: Translate): RowText {
	const label = shorten(oneLine(name));
	const isFolder = entry.kind === 'directory';
	const word = change === undefined ? [] : [layerChangeWord(change, t)];
	const size = change === 'removed'
		? totals.removedBytes > 0 ? [t('was {0}', formatBytes(totals.removedBytes))] : []
		: isFolder && totals.bytes === 0 && totals.removedBytes > 0 ? [t('hides {0}', formatBytes(totals.removedBytes))]
			: isFolder && totals.bytes === 0 ? [] : [entryWords(entry, totals.bytes, t)];
	const counts = isFolder ? [changeTotals(totals, t)] : [];
	return {
		label,
		description: size.join(' · '),
		tooltip: [
			oneLine(path), ...word, ...counts,
			...details(entry, t),
			...change === 'modified' && before !== undefined ? modifications(before, entry, t) : [],
			...totals.removedBytes > 0 ? [t('Hidden in layers below, and stored there still: {0}', formatBytes(totals.removedBytes))] : [],
		].join('\n'),
		accessible: [label, ...word, ...size, ...counts].join(', '),
	};
}

export function fileRow(node: TreeNode, totals: Totals, layer: string | undefined, t: Translate): RowText {
	const label = shorten(oneLine(node.name));
	const words = node.kind === 'directory' && totals.files === 0 ? t('empty') : entryWords(node, totals.bytes, t);
	return {
		label,
		description: words,
		tooltip: [
			oneLine(node.path), ...details(node, t),
			...node.kind === 'directory' ? [totals.files === 1 ? t('1 file') : t('{0} files', totals.files)] : [],
			...layer === undefined ? [] : [t('From: {0}', shorten(oneLine(layer)))],
		].join('\n'),
		accessible: [label, words].join(', '),
	};
}

/** A size, or what takes its place. */
function entryWords({ kind, link, device }: TreeNode, bytes: number, t: Translate): string {
	switch (kind) {
		case 'directory':
		case 'file': return formatBytes(bytes);
		case 'symlink': return `→ ${shorten(oneLine(link ?? ''))}`;
		case 'hardlink': return t('{0} · hard link', formatBytes(bytes));
		case 'character': return t('character device {0}', device ?? '');
		case 'block': return t('block device {0}', device ?? '');
		case 'fifo': return t('named pipe');
	}
}

function details({ mode, uid, gid, kind, size, modifiedAt, link }: TreeNode, t: Translate): readonly string[] {
	return [
		t('Mode {0}, owner {1}:{2}', modeText(kind, mode), uid, gid),
		...modifiedAt > 0 ? [t('Modified {0} UTC', new Date(modifiedAt).toISOString().slice(0, 19).replace('T', ' '))] : [],
		...kind === 'file' || kind === 'hardlink' ? [t('{0} bytes', size)] : [],
		...kind === 'hardlink' && link !== undefined ? [t('Hard link to {0}', shorten(oneLine(link)))] : [],
	];
}

function modifications(before: TreeNode, after: TreeNode, t: Translate): readonly string[] {
	return [
		...before.kind === after.kind ? [] : [t('Was: {0}', kindWord(before.kind, t))],
		...before.mode === after.mode ? [] : [t('Mode before: {0}', modeText(before.kind, before.mode))],
		...before.uid === after.uid && before.gid === after.gid ? [] : [t('Owner before: {0}', `${String(before.uid)}:${String(before.gid)}`)],
		...before.size === after.size ? [] : [t('Size before: {0}', formatBytes(before.size))],
	];
}

export function kindWord(kind: TreeNode['kind'], t: Translate): string {
	return {
		file: t('file'), directory: t('directory'), symlink: t('symbolic link'), hardlink: t('hard link'),
		character: t('character device'), block: t('block device'), fifo: t('named pipe'),
	}[kind];
}

/** As `ls -l` writes it. */
export function modeText(kind: TreeNode['kind'], mode: number): string {
	const letter = { file: '-', hardlink: '-', directory: 'd', symlink: 'l', character: 'c', block: 'b', fifo: 'p' }[kind];
	const triple = (bits: number, special: boolean, set: string): string =>
		`${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${special ? bits & 1 ? set : set.toUpperCase() : bits & 1 ? 'x' : '-'}`;
	return `${letter}${triple(mode >> 6, (mode & 0o4000) !== 0, 's')}${triple(mode >> 3, (mode & 0o2000) !== 0, 's')}${triple(mode, (mode & 0o1000) !== 0, 't')}`;
}
