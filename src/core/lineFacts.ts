import type { LayerSize } from './build/record';
import type { Outcome } from './build/run';
import type { ImageMakeup } from './imageMakeup';
import type { LineHistory } from './lineHistory';
import type { LineWaste } from './lineWaste';
import type { Forecast, Reason } from './cache/reason';

/**
 * What is known of one instruction: the projection that every surface shows (lens, hover, gutter, trees, status bar,
 * command line). Nothing else joins runs, records, history, forecast and waste.
 */
export interface LineFacts {
	/** Index of the instruction in the Dockerfile as it is now. */
	readonly instruction: number;
	/** 1-based. */
	readonly line: number;
	readonly endLine: number;
	readonly stage: number | undefined;
	readonly stageName: string | undefined;
	readonly keyword: string;
	readonly text: string;
	/** Where the facts come from: the live run, the last build record, or the history of an image that matches. */
	readonly source: 'run' | 'record' | 'history' | undefined;
	readonly outcome: Outcome | undefined;
	readonly durationMs: number | undefined;
	readonly size: LayerSize | undefined;
	readonly diffId: string | undefined;
	/**
	 * `changed`: the instruction's text is not what was built. `dependsOnChanged`: something it builds upon was edited.
	 * Undefined: the facts hold for the text as it is.
	 */
	readonly stale: 'changed' | 'dependsOnChanged' | undefined;
	/** Why it ran; the lines it names are those of the text as it is now. */
	readonly reason: Reason | undefined;
	/** What it cost in earlier builds; undefined where no recorded build speaks, or earlier ones are not read. */
	readonly history: LineHistory | undefined;
	/** What the next build will do with it, from records and files; undefined while a build runs, or where nobody foretells. */
	readonly forecast: Forecast | undefined;
	/** What its layer wastes; undefined where the image's layers were not analysed. */
	readonly waste: LineWaste | undefined;
	readonly logTail: string | undefined;
	/** FROM only: the sum of its stage's sizes that are known, and whether the stage is in the final image. */
	readonly stageTotal: StageTotal | undefined;
	/** FROM of the final image's stage only: what the image's bytes come from. */
	readonly makeup: ImageMakeup | undefined;
}

export interface StageTotal {
	readonly bytes: number | undefined;
	/** True where at least one line of the stage that makes a layer has no known size. */
	readonly partial: boolean;
	readonly durationMs: number | undefined;
	readonly inFinalImage: boolean | undefined;
	/** True where at least one line of the stage is stale, so that the next build may give other sums. */
	readonly stale: boolean;
}
