import { formatBytes } from '../core/base/bytes';
import type { ImageMakeup, MakeupPart } from '../core/imageMakeup';
import { oneLine, shorten } from './rows';
import type { StoryRow } from './storyRow';
import type { Translate } from './translate';

/** What the final image's bytes come from: as a whole, its base, the stages and images copied from, and its own lines. */
export function makeupTable({ base, bytes, parts }: ImageMakeup, t: Translate): readonly StoryRow[] {
	const baseRow = base === undefined ? [] : [{
		name: t('Base image'), value: bytes?.baseBytes === undefined ? t('size not known') : formatBytes(bytes.baseBytes), meaning: shorten(oneLine(base), 120),
	}];
	return [
		...bytes === undefined ? [] : [{ name: t('Image'), value: formatBytes(bytes.totalBytes), meaning: t('all layers, uncompressed, as the engine\'s history gives them') }],
		...baseRow,
		...parts.map(part => ({ name: partName(part, t), value: sizeOf(part, t), meaning: linesOf(part, t) })),
	];
}

function partName({ kind, name }: MakeupPart, t: Translate): string {
	const shown = shorten(oneLine(name), 80);
	switch (kind) {
		case 'own': return t('Own layers');
		case 'baseStage': return t('Starts from stage {0}', shown);
		case 'stage': return t('Copied from stage {0}', shown);
		case 'image': return t('Copied from image {0}', shown);
	}
}

function sizeOf({ bytes, partial }: MakeupPart, t: Translate): string {
	return bytes === undefined ? t('size not known') : partial ? t('at least {0}', formatBytes(bytes)) : formatBytes(bytes);
}

function linesOf({ lines }: MakeupPart, t: Translate): string {
	return lines.length === 1 ? t('line {0}', lines[0]!) : t('lines {0}', lines.join(', '));
}
