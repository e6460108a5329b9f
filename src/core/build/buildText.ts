import type { BuildEvent } from './events';

const stepLine = /^Step (\d+)\/(\d+) : (.*)$/s;
const stageStepLine = /^(?:\[(\d+)\/(\d+)\] )?STEP (\d+)\/(\d+): (.*)$/s;
const imageLine = /^ ---> ([0-9a-f]{12,64})$/;
const podmanImageLine = /^--> ([0-9a-f]{11,64})$/;
const runningLine = /^ ---> Running in ([0-9a-f]{12,64})$/;
const builtLine = /^Successfully built ([0-9a-f]{11,64})$/;
/** What the builders' own lines begin with; a line that begins otherwise is output and need not wait for its end. */
const openings = ['Step ', 'STEP ', ' ---> ', '--> ', '# Executing ', 'Successfully ', '['];
const removalOpenings = ['Removing intermediate container ', ' ---> Removed intermediate container '];

/**
 * Reads the text of a build that writes text: the classic builder's, and Podman's. Lines of the builder become events,
 * everything else is output of the step under way. Text may be cut anywhere.
 *
 * While a container of the classic builder runs, nothing but the line that tells of its removal is taken for the
 * builder's: a RUN may print whatever looks like a step.
 */
export class BuildText {
	private pending = '';
	private container: string | undefined;
	private podman = false;
	private imageId: string | undefined;

	constructor(private readonly now: () => number) {}

	/** One message's text. The builders start a message of their own for each line they write. */
	*read(message: string): Generator<BuildEvent> {
		const wrapped = standardError(message);
		if (wrapped !== undefined) {
			yield* this.flush();
			yield this.output('error', wrapped);
			return;
		}
		if (this.container !== undefined && isRemoval(message.trimEnd(), this.container)) {
			// The last output had no end of line.
			yield* this.flush();
		}
		const lines = (this.pending + message).split('\n');
		this.pending = lines.pop() ?? '';
		for (const line of lines) {
			yield* this.line(line);
		}
		if (this.pending !== '' && !this.mayBecomeOurs(this.pending)) {
			yield* this.flush();
		}
	}

	/** What is left when the stream ends. */
	*flush(): Generator<BuildEvent> {
		if (this.pending !== '') {
			const text = this.pending;
			this.pending = '';
			yield this.output('out', text);
		}
	}

	/** The whole id of an image, told beside the text: of each stage in turn, before the text says that all is built. */
	imageTold(imageId: string): void {
		this.imageId = imageId;
	}

	private *line(line: string): Generator<BuildEvent> {
		const at = this.now();
		if (this.container !== undefined) {
			if (isRemoval(line, this.container)) {
				this.container = undefined;
			} else {
				yield this.output('out', `${line}\n`);
			}
			return;
		}
		const step = stepLine.exec(line);
		if (step) {
			yield { kind: 'step', index: Number(step[1]) - 1, total: Number(step[2]), text: step[3] ?? '', at };
			return;
		}
		const stageStep = stageStepLine.exec(line);
		if (stageStep) {
			this.podman = true;
			const stage = stageStep[1] === undefined ? undefined : Number(stageStep[1]) - 1;
			yield { kind: 'stageStep', stage, index: Number(stageStep[3]) - 1, total: Number(stageStep[4]), text: stageStep[5] ?? '', at };
			return;
		}
		if (line === ' ---> Using cache' || (this.podman && line.startsWith('--> Using cache'))) {
			yield { kind: 'stepCached', at };
			return;
		}
		const image = (this.podman ? podmanImageLine : imageLine).exec(line);
		if (image) {
			yield { kind: 'stepImage', imageId: image[1] ?? '', at };
			return;
		}
		const running = runningLine.exec(line);
		if (running) {
			this.container = running[1];
			return;
		}
		const built = builtLine.exec(line);
		if (built) {
			const [, short = ''] = built;
			yield { kind: 'image', imageId: this.imageId?.includes(short) ? this.imageId : short, at };
			return;
		}
		if (line !== '' && !line.startsWith('Successfully tagged ') && !/^# Executing \d+ build triggers?$/.test(line)) {
			yield this.output('out', `${line}\n`);
		} else if (line === '' && this.podman) {
			yield this.output('out', '\n');
		}
	}

	private mayBecomeOurs(text: string): boolean {
		return (this.container === undefined ? openings : removalOpenings).some(opening =>
			text.length < opening.length ? opening.startsWith(text) : text.startsWith(opening));
	}

	private output(stream: 'out' | 'error', text: string): BuildEvent {
		return { kind: 'log', vertex: undefined, stream, data: Buffer.from(text), at: this.now() };
	}
}

function isRemoval(line: string, container: string): boolean {
	return line === `Removing intermediate container ${container}` || line === ` ---> Removed intermediate container ${container}`;
}

/** The classic builder wraps each piece of standard error in red. */
function standardError(message: string): string | undefined {
	return message.startsWith('\u001b[91m') && message.endsWith('\u001b[0m') ? message.slice(5, -4) : undefined;
}
