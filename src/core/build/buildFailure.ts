import type { BuildFailure } from './run';
import type { RunFold, VertexState } from './runFold';

/** What an engine's error is about, and where in the Dockerfile. */
export function buildFailure(fold: RunFold, error: { readonly message: string; readonly code: number | undefined }): BuildFailure {
	const { message } = error;
	const vertex = failedVertex(fold, message);
	const failure = { message, instruction: undefined, line: undefined, exitCode: undefined };
	if (isFrontendImage(fold, vertex, message)) {
		return { ...failure, kind: 'frontend', line: lineOfSyntax(fold) };
	}
	if (/target stage .* could not be found|failed to reach build target|The target ".*" was not found/.test(message)) {
		return { ...failure, kind: 'target' };
	}
	const instruction = vertex === undefined ? fold.current?.instruction : instructionOf(fold, vertex.digest);
	const cycle = fold.resolved.problems.find(({ kind }) => kind === 'stageCycle');
	// The classic builder goes on until it takes the later stage's name for an image's.
	if (cycle !== undefined && (message.includes('circular dependency') || lineOf(fold, instruction) === cycle.range.start.line + 1)) {
		const line = cycle.range.start.line + 1;
		return { ...failure, kind: 'cycle', line, instruction: instructionAt(fold, line) };
	}
	if (syntaxWords.test(message)) {
		const line = numberIn(/\bline:? (\d+)/, message) ?? lineOfProblem(fold, message);
		return { ...failure, kind: 'syntax', line, instruction: instructionAt(fold, line) };
	}
	const base = vertex === undefined ? undefined : /^(?:\[internal\] load metadata for|FROM) (\S+)/.exec(vertex.name)?.[1];
	if (base !== undefined && instruction === undefined) {
		const reader = readerOf(fold, base);
		return { ...failure, kind: 'base', instruction: reader, line: lineOf(fold, reader) };
	}
	if (instruction !== undefined) {
		const exitCode = error.code ?? numberIn(/exit code: (\d+)/, message) ?? numberIn(/returned a non-zero code: (\d+)/, message) ?? numberIn(/while running runtime: exit status (\d+)/, message);
		const isFrom = fold.resolved.instructions[instruction]?.instruction.keyword === 'FROM';
		// A trigger that fails, fails at the FROM whose base has it.
		return { ...failure, kind: isFrom && exitCode === undefined ? 'base' : 'instruction', instruction, line: lineOf(fold, instruction), exitCode };
	}
	const isContext = /failed to read dockerfile|Cannot locate specified Dockerfile|remote build context/i.test(message);
	return { ...failure, kind: isContext ? 'context' : 'other' };
}

const syntaxWords = /file parse error|lint violation found|unknown instruction|unexpected end of statement|no build stage in current context|Dockerfile.* cannot be empty|file with no instructions|no FROM statement found|^no contents in "/i;

/** Where the engine names no line: what its own lint found, or what our reading did. */
function lineOfProblem({ run, resolved }: RunFold, message: string): number | undefined {
	if (message.includes('lint violation')) {
		return run.warnings.find(({ message: said }) => message.includes(said.split(':', 1)[0]!))?.startLine;
	}
	const [problem] = resolved.dockerfile.problems;
	return problem === undefined ? undefined : problem.range.start.line + 1;
}

/** The vertex whose error ended the build; those beside it were only cancelled. */
function failedVertex(fold: RunFold, message: string): VertexState | undefined {
	const broken = [...fold.vertices.values()].filter(({ error }) => error !== undefined && !error.endsWith('context canceled'));
	return broken.find(({ error }) => message.includes(error!)) ?? broken[0];
}

function instructionOf(fold: RunFold, digest: string): number | undefined {
	return [...fold.steps].find(([, { all }]) => all.includes(digest))?.[0];
}

function isFrontendImage({ resolved }: RunFold, vertex: VertexState | undefined, message: string): boolean {
	const syntax = resolved.dockerfile.directives.find(({ name }) => name === 'syntax')?.value;
	return syntax !== undefined
		&& (vertex?.name.startsWith('resolve image config for ') === true || (vertex === undefined && /failed to resolve source metadata|frontend/.test(message)));
}

function lineOfSyntax({ resolved }: RunFold): number | undefined {
	const directive = resolved.dockerfile.directives.find(({ name }) => name === 'syntax');
	return directive === undefined ? undefined : directive.range.start.line + 1;
}

function lineOf({ resolved }: RunFold, instruction: number | undefined): number | undefined {
	return instruction === undefined ? undefined : resolved.instructions[instruction]?.instruction.line;
}

function instructionAt({ resolved }: RunFold, line: number | undefined): number | undefined {
	return line === undefined ? undefined : resolved.dockerfile.instructions.find(instruction => instruction.line <= line && line <= instruction.endLine)?.index;
}

/** The first instruction that reads this image: a FROM, a COPY --from, a RUN --mount=from. */
function readerOf({ resolved }: RunFold, canonical: string): number | undefined {
	const isIt = (reference: string): boolean => canonical === reference || canonical.startsWith(`${reference}:`) || canonical.endsWith(`/${reference}`) || canonical.endsWith(`/${reference}:latest`);
	const from = resolved.stages.find(stage => stage.baseStage === undefined && !stage.isScratch && resolved.needed.has(stage.index) && isIt(stage.base));
	if (from !== undefined) {
		return resolved.dockerfile.stages[from.index]?.instructions[0];
	}
	return resolved.instructions.find(({ source, mounts }) =>
		[source, ...mounts.map(mount => mount.from)].some(place => place?.kind === 'image' && isIt(place.reference)))?.instruction.index;
}

function numberIn(pattern: RegExp, text: string): number | undefined {
	const found = pattern.exec(text)?.[1];
	return found === undefined ? undefined : Number(found);
}
