import { Emitter, type Disposable, type Event } from '../core/base/event';
import type { BuildRecord } from '../core/build/record';
import type { LintWarning } from '../core/build/events';
import type { BuildFailure } from '../core/build/run';
import type { Dockerfile } from '../core/dockerfile/model';
import { parseDockerfile } from '../core/dockerfile/parse';
import { resolveDockerfile } from '../core/dockerfile/resolve';
import type { ResolvedDockerfile, ResolveOptions } from '../core/dockerfile/resolved';
import type { LineFacts } from '../core/lineFacts';
import { followInstruction } from '../core/alignInstructions';
import { forecastTotal, type ForecastTotal } from '../core/forecastTotal';
import type { ImageWaste } from '../core/lineWaste';
import type { LineHistory } from '../core/lineHistory';
import { projectLines } from '../core/projectLines';
import type { Build } from './buildRunner';
import type { ChosenImages } from './chosenImages';
import type { ForecastStore } from './forecastStore';
import { findMatchingImage, matchImage, type ImagesToMatch, type MatchingImage } from './matchingImage';
import { saysSomething } from './recordStore';
import { recordedOptions, withText, type RecordWithText } from './recordWithText';
import type { PastBuilds } from './pastBuilds';
import type { RowTarget } from './revealRequests';
import type { WasteStore } from './wasteStore';

/** What the store follows; paths are those of Dockerfiles. */
export interface LineFactsSources {
	readonly images: ImagesToMatch & { readonly onDidChange: Event<undefined> };
	readonly chosen: ChosenImages;
	readonly records: { latestOf(path: string): Promise<BuildRecord | undefined>; readonly onDidChange: Event<{ readonly dockerfilePath: string }> };
	readonly onDidChangeBuild: Event<Build>;
	/** What lines cost in earlier builds; left out where nobody compares. */
	readonly past?: Pick<PastBuilds, 'historiesOf' | 'onDidChange'>;
	/** What images waste; left out where nobody looks. */
	readonly waste?: Pick<WasteStore, 'of' | 'onDidChange'>;
	/** What the next build will do; left out where nobody foretells. */
	readonly forecasts?: Pick<ForecastStore, 'forecast' | 'forget' | 'onDidChange'>;
}

/** A Dockerfile's text with all that is known of its lines. */
export interface FactsOfText {
	readonly text: string;
	readonly resolved: ResolvedDockerfile;
	readonly lines: readonly LineFacts[];
	/** Which one made what the lines speak of; undefined where nothing is known of them. */
	readonly builder: ResolveOptions['builder'];
	readonly isBuilding: boolean;
	/** The next build in sum; undefined where nothing is foretold. */
	readonly outlook: ForecastTotal | undefined;
	/** What the last build complained of; undefined where none is known. */
	readonly complaints: BuildComplaints | undefined;
}

export interface BuildComplaints {
	/** The text that was built: lines of failure and warnings are its lines. */
	readonly dockerfile: Dockerfile;
	readonly failure: BuildFailure | undefined;
	readonly warnings: readonly LintWarning[];
}

interface Followed {
	/** Text and facts as they were asked for last; facts undefined: to be joined anew. */
	text: string;
	facts: FactsOfText | undefined;
	/** The last text that was read, of which the next takes over what is the same. */
	dockerfile: Dockerfile | undefined;
	resolved: ResolvedDockerfile | undefined;
	record: RecordWithText | undefined;
	image: MatchingImage | undefined;
	/** Whether a person chose the image: then it speaks before the record, until the next build. */
	isChosen: boolean;
	/** Grows with each reading; a late answer of an earlier one is dropped. */
	reading: number;
}

/** What a key press may take for facts and forecast before the lines are joined, milliseconds: with that they have to fit into a frame. */
const keyPressMs = 7;

/**
 * What is known of the lines of each Dockerfile that somebody looks at: the last record, the build under way, or an
 * image that matches. Reading happens when a Dockerfile is first asked for and when one of these changes; an edit only
 * joins anew, so a key press costs no call to engine or disk.
 */
export class LineFactsStore implements Disposable {
	private readonly _onDidChange = new Emitter<string>();
	/** The facts of this Dockerfile are others than before. */
	readonly onDidChange: Event<string> = this._onDidChange.event;

	private readonly followed = new Map<string, Followed>();
	/** The newest build of this session, of each Dockerfile: without a record as long as it is under way. */
	private readonly latest = new Map<string, Build>();
	private readonly subscriptions: readonly Disposable[];

	constructor(private readonly sources: LineFactsSources) {
		this.subscriptions = [
			sources.onDidChangeBuild(build => { this.buildChanged(build); }),
			sources.records.onDidChange(({ dockerfilePath }) => { void this.read(dockerfilePath); }),
			...sources.past === undefined ? [] : [sources.past.onDidChange(changed => {
				[...this.followed.keys()].filter(path => changed === undefined || path === changed).forEach(path => { void this.compare(path); });
			})],
			...sources.forecasts === undefined ? [] : [sources.forecasts.onDidChange(path => { this.changed(path); })],
			...sources.waste === undefined ? [] : [sources.waste.onDidChange(imageId => {
				for (const [path, followed] of this.followed) {
					if (speaks(followed, imageId)) {
						this.changed(path);
					}
				}
			})],
			sources.images.onDidChange(() => {
				for (const [path, { record }] of this.followed) {
					if (record === undefined) {
						void this.read(path);
					}
				}
			}),
		];
	}

	/** The facts for this text now; more may come, with `onDidChange`. */
	facts(path: string, text: string): FactsOfText {
		const known = this.followed.get(path);
		const followed = known ?? { text, facts: undefined, dockerfile: undefined, resolved: undefined, record: undefined, image: undefined, isChosen: false, reading: 0 };
		if (followed.text !== text) {
			followed.text = text;
			followed.facts = undefined;
		}
		if (known === undefined) {
			this.followed.set(path, followed);
			void this.read(path);
		}
		followed.facts ??= this.join(path, followed);
		return followed.facts;
	}

	/** Nobody looks at this Dockerfile any more. */
	forget(path: string): void {
		this.sources.forecasts?.forget(path);
		this.followed.delete(path);
	}

	/** The image whose history speaks for this Dockerfile, where one does. */
	imageOf(path: string): string | undefined {
		const followed = this.followed.get(path);
		return followed?.image?.imageId ?? followed?.record?.record.imageId;
	}

	/** Uses this image's history from now on; false where it is not an image of this Dockerfile. Throws `EngineError`. */
	async choose(path: string, reference: string): Promise<boolean> {
		const { resolved } = this.facts(path, this.followed.get(path)?.text ?? '');
		const image = await this.matchReference(reference, resolved);
		if (image === undefined) {
			return false;
		}
		await this.sources.chosen.set(path, reference);
		await this.read(path);
		return true;
	}

	/** The history row of the instruction on a line, for what speaks for it now. Throws `EngineError`. */
	async rowOf(path: string, line: number): Promise<RowTarget | undefined> {
		const followed = this.followed.get(path);
		const image = followed && await this.speakingImage(followed);
		if (followed === undefined || image === undefined) {
			return undefined;
		}
		const { resolved } = this.facts(path, followed.text);
		for (const [instruction, row] of image.match.rowOf) {
			const now = followInstruction(image.resolved.dockerfile, resolved.dockerfile, instruction);
			if (now !== undefined && now.line <= line && line <= now.endLine) {
				return { kind: 'row', imageId: image.imageId, row };
			}
		}
		return undefined;
	}

	/** The line that made a row of an image's history, in the text as it is now. Throws `EngineError`. */
	async lineOf({ imageId, row }: RowTarget): Promise<{ readonly path: string; readonly line: number } | undefined> {
		for (const [path, followed] of this.followed) {
			const image = speaks(followed, imageId) ? await this.speakingImage(followed) : undefined;
			const instruction = row === undefined ? undefined : image?.match.instructionOf.get(row);
			const now = image && instruction !== undefined
				? followInstruction(image.resolved.dockerfile, this.facts(path, followed.text).resolved.dockerfile, instruction) : undefined;
			if (now !== undefined) {
				return { path, line: now.line };
			}
		}
		return undefined;
	}

	dispose(): void {
		this.subscriptions.forEach(subscription => { subscription.dispose(); });
		this._onDidChange.dispose();
		this.followed.clear();
	}

	private changed(path: string): void {
		const followed = this.followed.get(path);
		if (followed !== undefined) {
			followed.facts = undefined;
			this._onDidChange.fire(path);
		}
	}

	private buildChanged(build: Build): void {
		const path = build.options.dockerfilePath;
		const latest = this.latest.get(path);
		if (latest !== undefined && latest.run.startedAt > build.run.startedAt) {
			// An older build's record learnt more.
			return;
		}
		this.latest.set(path, build);
		const followed = this.followed.get(path);
		if (followed === undefined) {
			return;
		}
		if (build.record !== undefined && saysSomething(build.record)) {
			followed.record = withText(build.record, followed.record?.record.id === build.record.id ? followed.record.histories : undefined);
			// What is being read is older.
			followed.reading++;
			void this.compare(path);
		}
		if (followed.isChosen) {
			followed.isChosen = false;
			void this.sources.chosen.set(path, undefined);
		}
		this.changed(path);
	}

	private join(path: string, followed: Followed): FactsOfText {
		const until = performance.now() + keyPressMs;
		const { text, record, image, isChosen, resolved: before } = followed;
		const dockerfile = parseDockerfile(text, followed.dockerfile);
		followed.dockerfile = dockerfile;
		const lastBuild = this.latest.get(path);
		if (lastBuild !== undefined && lastBuild.record === undefined) {
			const { run, resolved: built, options: { target, buildArgs, platform } } = lastBuild;
			const resolved = followed.resolved = resolveDockerfile(dockerfile, { builder: run.builder, target, buildArgs, platform }, before);
			return {
				text, resolved, lines: projectLines({ resolved, run: { run, dockerfile: built.dockerfile } }), builder: run.builder, outlook: undefined, isBuilding: run.state === 'running',
				complaints: { dockerfile: built.dockerfile, failure: run.error, warnings: run.warnings },
			};
		}
		const options = record !== undefined && !isChosen ? recordedOptions(record.record) : {};
		const resolved = followed.resolved = resolveDockerfile(dockerfile, options, before);
		const said = this.sources.forecasts?.forecast(path, dockerfile, until);
		const forecast = said?.lines;
		const outlookOf = (lines: readonly LineFacts[]): ForecastTotal | undefined => said && forecastTotal(lines, said.durations);
		if (record !== undefined && !isChosen) {
			const built = lastBuild?.resolved.dockerfile ?? record.resolved.dockerfile;
			const lines = projectLines({ resolved, forecast, record: { ...record, dockerfile: record.resolved.dockerfile }, waste: this.wasteOf(record.record.imageId) });
			return {
				text, resolved, lines, builder: record.record.builder, outlook: outlookOf(lines), isBuilding: false,
				complaints: { dockerfile: built, failure: lastBuild === undefined ? record.record.error : lastBuild.run.error, warnings: lastBuild?.run.warnings ?? record.record.warnings ?? [] },
			};
		}
		const complaints = lastBuild && { dockerfile: lastBuild.resolved.dockerfile, failure: lastBuild.run.error, warnings: lastBuild.run.warnings };
		const history = image && { rows: image.rows, match: image.match, dockerfile: image.resolved.dockerfile };
		const target = image?.resolved.target === undefined ? resolved.target : Math.min(image.resolved.target, resolved.stages.length - 1);
		const lines = projectLines({ resolved: { ...resolved, target }, forecast, history, waste: this.wasteOf(image?.imageId) });
		const builder = image?.rows.at(-1)?.builder;
		return { text, resolved, lines, builder: builder === 'podman' ? undefined : builder, outlook: outlookOf(lines), isBuilding: false, complaints };
	}

	private wasteOf(imageId: string | undefined): ImageWaste | undefined {
		return imageId === undefined ? undefined : this.sources.waste?.of(imageId);
	}

	private async read(path: string): Promise<void> {
		const followed = this.followed.get(path);
		if (followed === undefined) {
			return;
		}
		const reading = ++followed.reading;
		const isCurrent = (): boolean => this.followed.get(path) === followed && followed.reading === reading;
		const record = await this.sources.records.latestOf(path).catch(() => undefined);
		const read = record && withText(record, undefined);
		const histories = read && await this.historiesOf(read);
		if (!isCurrent()) {
			return;
		}
		if (record?.id !== followed.record?.record.id || record !== followed.record?.record) {
			followed.record = read && { ...read, histories };
			this.changed(path);
		}
		const chosen = this.sources.chosen.get(path);
		const resolved = resolveDockerfile(parseDockerfile(followed.text), {});
		// Without an engine there is no image to match; its return is a change of the list, which reads again.
		const found = chosen !== undefined
			? await this.matchReference(chosen, resolved).catch(() => undefined)
			: record === undefined ? await findMatchingImage(this.sources.images, resolved, isCurrent).catch(() => undefined) : undefined;
		// A text edited since matches nothing any more; what it matched before still tells of its instructions.
		const image = found ?? (record === undefined || chosen !== undefined ? await this.stillThere(followed.image) : undefined);
		if (isCurrent() && (image?.imageId !== followed.image?.imageId || (chosen !== undefined) !== followed.isChosen)) {
			followed.image = image;
			followed.isChosen = chosen !== undefined && image !== undefined;
			this.changed(path);
		}
	}

	private async historiesOf({ record, resolved }: RecordWithText): Promise<readonly LineHistory[] | undefined> {
		return this.sources.past?.historiesOf(record, resolved.dockerfile).catch(() => undefined);
	}

	/** Lays the record that speaks beside earlier ones. */
	private async compare(path: string): Promise<void> {
		const followed = this.followed.get(path);
		const record = followed?.record;
		if (followed === undefined || record === undefined) {
			return;
		}
		const histories = await this.historiesOf(record);
		if (histories !== undefined && followed.record === record) {
			followed.record = { ...record, histories };
			this.changed(path);
		}
	}

	private async stillThere(image: MatchingImage | undefined): Promise<MatchingImage | undefined> {
		if (image === undefined) {
			return undefined;
		}
		const images = await this.sources.images.images().catch(() => []);
		return images.some(({ id }) => id === image.imageId) ? image : undefined;
	}

	private async matchReference(reference: string, resolved: ResolvedDockerfile): Promise<MatchingImage | undefined> {
		const { images } = this.sources;
		const found = (await images.images()).find(({ id, references }) => id === reference || references.includes(reference));
		return found && matchImage(images, found.id, resolved);
	}

	/** The rows of the image that speaks: the matching one, or the one that the last recorded build made. */
	private async speakingImage({ image, record, isChosen }: Followed): Promise<MatchingImage | undefined> {
		return isChosen || record?.record.imageId === undefined ? image : matchImage(this.sources.images, record.record.imageId, record.resolved);
	}
}

function speaks({ image, record, isChosen }: Followed, imageId: string): boolean {
	return (isChosen || record?.record.imageId === undefined ? image?.imageId : record.record.imageId) === imageId;
}
