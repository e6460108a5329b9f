import type { ResolvedDockerfile } from '../core/dockerfile/resolved';
import type { ImageSummary } from '../core/engine/engine';
import { historyRows, type ImageRow } from '../core/image/historyRows';
import { matchHistory, type HistoryMatch } from '../core/image/matchHistory';
import { readImageRows, type ImageAnswers } from './imageRows';

/** An image that a Dockerfile's text, as it is in `resolved`, made or could have made. */
export interface MatchingImage {
	readonly imageId: string;
	readonly resolved: ResolvedDockerfile;
	readonly rows: readonly ImageRow[];
	readonly match: HistoryMatch;
}

/** An image whose history agrees with the Dockerfile's target, or with another of its stages; undefined where none does. */
export async function matchImage(images: ImageAnswers, imageId: string, resolved: ResolvedDockerfile): Promise<MatchingImage | undefined> {
	const found = matchRows(historyRows(await images.history(imageId), []), resolved);
	return found && { imageId, rows: await readImageRows(images, imageId), ...found };
}

/** The stage of a Dockerfile, its target first, that could have made an image with these rows, oldest first. */
export function matchRows(rows: readonly ImageRow[], resolved: ResolvedDockerfile): Pick<MatchingImage, 'resolved' | 'match'> | undefined {
	const others = resolved.stages.map(({ index }) => index).filter(index => index !== resolved.target).reverse();
	for (const target of [...resolved.target === undefined ? [] : [resolved.target], ...others]) {
		const staged = { ...resolved, target };
		const match = matchHistory(staged, rows);
		// A match without a layer (`FROM x`, `CMD …`) is one with any image of that base.
		if (match !== undefined && match.layerRows > 0) {
			return { resolved: staged, match };
		}
	}
	return undefined;
}

export interface ImagesToMatch extends ImageAnswers {
	images(): Promise<readonly ImageSummary[]>;
}

/** So many images are looked at, newest first: each costs one call, once. */
const mostCandidates = 40;

/** The newest tagged image that matches the Dockerfile's last stage. Throws `EngineError` where the list cannot be had. */
export async function findMatchingImage(
	images: ImagesToMatch,
	resolved: ResolvedDockerfile,
	isWanted: () => boolean,
): Promise<MatchingImage | undefined> {
	// A Dockerfile that makes no layer of its own matches any image of its base.
	if (resolved.target === undefined || !resolved.instructions.some(({ layer }) => layer)) {
		return undefined;
	}
	const candidates = (await images.images())
		.filter(({ references }) => references.length > 0)
		.sort((a, b) => b.createdAt - a.createdAt)
		.slice(0, mostCandidates);
	for (const { id } of candidates) {
		if (!isWanted()) {
			return undefined;
		}
		// An image may go while it is looked at.
		const found = await matchImage(images, id, resolved).catch(() => undefined);
		if (found?.resolved.target === resolved.target) {
			return found;
		}
	}
	return undefined;
}
