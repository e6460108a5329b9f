import type { Instruction } from './dockerfile/model';
import type { ResolvedDockerfile, ResolvedInstruction } from './dockerfile/resolved';
import type { Fix, LineEdit } from './fixes';
import type { Builder } from './engine/engine';
import { plainRun, withCommand } from './fixText';
import type { CauseKind } from './layers/causes';
import type { LineFacts } from './lineFacts';

/** A package manager's way with what it leaves behind. */
interface Leftover {
	/** What removes it; undefined where nothing does so safely. `paths` are the directories that were found. */
	readonly clean: (paths: readonly string[]) => string | undefined;
	/** What says that an instruction cannot do without it. */
	readonly needed: RegExp | undefined;
	/** Commands that fill it, where it is a cache that builds may share by a mount. */
	readonly tool: RegExp | undefined;
}

const go = /\bgo\s/;
const cargo = /\bcargo\s/;
const maven = /\bmvnw?\s/;
const gradle = /\bgradlew?\s/;

const leftovers: Partial<Readonly<Record<CauseKind, Leftover>>> = {
	// Lists serve a later install that does not update them itself.
	aptLists: { clean: () => 'rm -rf /var/lib/apt/lists/*', needed: /\bapt(?:-get)?\b(?!.*\bupdate\b).*\binstall\b/, tool: undefined },
	aptArchives: { clean: () => 'apt-get clean', needed: undefined, tool: undefined },
	apkCache: { clean: paths => removal(paths.map(path => `${path}/*`)), needed: /\bapk\b(?!.*(?:--no-cache|--update|\bupdate\b)).*\badd\b/, tool: undefined },
	dnfCache: { clean: removal, needed: undefined, tool: undefined },
	pipCache: { clean: removal, needed: undefined, tool: /\b(?:pip[\d.]*|uv|poetry)\s/ },
	npmCache: { clean: removal, needed: undefined, tool: /\b(?:npm|npx|pnpm)\s/ },
	yarnCache: { clean: removal, needed: undefined, tool: /\byarn\s/ },
	// Directories of modules are read-only, so that only root can remove them; go itself can.
	goCache: { clean: paths => `go clean${paths.some(path => path.endsWith('/go-build')) ? ' -cache' : ''}${paths.some(path => path.endsWith('/mod')) ? ' -modcache' : ''}`, needed: go, tool: go },
	cargoCache: { clean: removal, needed: cargo, tool: cargo },
	mavenCache: { clean: removal, needed: maven, tool: maven },
	gradleCache: { clean: removal, needed: gradle, tool: gradle },
};

/** Build drivers and scripts may run any tool. */
const anyTool = /\b(?:make|just|task|bazel)\s|\.\/|\.sh\s/;

function removal(paths: readonly string[]): string | undefined {
	return areAllPlain(paths) ? `rm -rf ${paths.join(' ')}` : undefined;
}

/** A cause names ten paths at most: of ten there may be more. */
function areAllPlain(paths: readonly string[]): boolean {
	return paths.length > 0 && paths.length < 10 && paths.every(path => /^\/[\w./@+*-]+$/.test(path));
}

/** The line removes what its commands leave behind, so that it never reaches the layer. */
export function cleanFixes(resolved: ResolvedDockerfile, { instruction, shell }: ResolvedInstruction, { waste, line, endLine }: LineFacts): readonly Fix[] {
	if (plainRun(instruction) === undefined || !/^(?:\/usr)?\/bin\/(?:ba|a|da)?sh$/.test(shell[0] ?? '')) {
		return [];
	}
	return waste!.causes.flatMap(({ kind, bytes, paths }) => {
		const leftover = leftovers[kind];
		const command = leftover?.clean(paths);
		if (leftover === undefined || command === undefined || isNeeded(resolved, instruction.index, leftover)) {
			return [];
		}
		const text = withCommand(instruction, resolved.dockerfile, command);
		return text === undefined ? [] : [{
			kind: 'cleanHere' as const, line, lastLine: line, savesBytes: bytes, edits: [{ line, endLine, text }], ignore: [], subject: command,
		}];
	});
}

/** Whether a later command, or what a container runs, cannot do without it. */
function isNeeded({ instructions }: ResolvedDockerfile, index: number, { needed, tool }: Leftover): boolean {
	return needed !== undefined && instructions.some(({ instruction }) => {
		const isLater = instruction.keyword === 'RUN' && instruction.index > index;
		const said = saidBy(instruction);
		return (isLater || isStart(instruction)) && (needed.test(said) || (tool !== undefined && isLater && anyTool.test(said)));
	});
}

/** The commands of an instruction, heredocs too, a space after each word. */
function saidBy({ args, json, heredocs }: Instruction): string {
	return [json?.join(' ') ?? args, ...heredocs.map(({ content }) => content)].map(text => `${text} `).join('\n');
}

/** What a container of the image runs. */
function isStart({ keyword }: Instruction): boolean {
	return keyword === 'CMD' || keyword === 'ENTRYPOINT' || keyword === 'HEALTHCHECK';
}

/**
 * The tool's cache moves out of the image into a cache mount, which the next builds find again (Dockerfile reference,
 * RUN --mount=type=cache). All later lines of the stage that run the tool get the mount too: they find there what this
 * one put there. BuildKit only.
 */
export function cacheMountFixes(resolved: ResolvedDockerfile, lines: readonly LineFacts[], facts: LineFacts, builder: Builder | undefined): readonly Fix[] {
	const run = resolved.instructions[facts.instruction]!;
	return builder !== 'buildkit' ? [] : facts.waste!.causes.flatMap(({ kind, paths }): readonly Fix[] => {
		const leftover = leftovers[kind];
		const users = leftover && usersOf(resolved, run, leftover);
		if (leftover === undefined || users === undefined || !canLeave(resolved, run, paths, leftover)) {
			return [];
		}
		const saves = users.flatMap(({ instruction: { index } }) => lines[index]!.waste?.causes.filter(cause => cause.kind === kind) ?? []);
		const targets = [...new Set(saves.flatMap(cause => cause.paths))];
		return !areAllPlain(targets) ? [] : [{
			kind: 'cacheMount', line: facts.line, lastLine: users.at(-1)!.instruction.line, savesBytes: saves.reduce((sum, { bytes }) => sum + bytes, 0),
			edits: users.flatMap(user => withMounts(resolved, user, targets)), ignore: [], subject: targets.join(', '),
		}];
	});
}

/** The line and later ones of its stage that run the tool; undefined where one may do so without saying it, or go without the network. */
function usersOf({ instructions }: ResolvedDockerfile, run: ResolvedInstruction, { tool, needed }: Leftover): readonly ResolvedInstruction[] | undefined {
	const later = instructions.filter(({ instruction: { stage, index, keyword } }) => stage === run.instruction.stage && index >= run.instruction.index && keyword === 'RUN');
	const users = later.filter(({ instruction }) => tool?.test(saidBy(instruction)) === true);
	const isSafe = users.includes(run) && later.every(one => {
		const said = saidBy(one.instruction);
		return users.includes(one) ? !/--offline\b|\bmvnw?\b.*\s-o\s|GOPROXY=off/.test(said) : needed === undefined || !anyTool.test(said);
	});
	return isSafe ? users : undefined;
}

/** A mount is root's; and nothing that runs in the image, no variable and no other stage may ask for what is in it. */
function canLeave({ instructions }: ResolvedDockerfile, { instruction: { stage }, user }: ResolvedInstruction, paths: readonly string[], { needed }: Leftover): boolean {
	return /^(?:root|0)?(?::(?:root|0))?$/.test(user) && instructions.every(({ instruction, source, words }) => {
		if (source?.kind === 'stage' && source.stage === stage) {
			return words.slice(0, -1).every(word => paths.every(path => isApart(word, path)));
		}
		return instruction.keyword === 'RUN' || !((isStart(instruction) && needed?.test(saidBy(instruction)) === true) || paths.some(path => instruction.text.includes(path)));
	});
}

/** Neither below the other. */
function isApart(word: string, path: string): boolean {
	const copied = `/${word.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/');
	return !copied.startsWith(`${path}/`) && !`${path}/`.startsWith(copied);
}

/** The first line of a RUN with the mounts that it does not have. */
function withMounts({ dockerfile }: ResolvedDockerfile, { instruction: { line }, mounts }: ResolvedInstruction, targets: readonly string[]): readonly LineEdit[] {
	const missing = targets.filter(target => !mounts.some(mount => mount.target === target)).map(target => `--mount=type=cache,target=${target}`);
	const [, keyword, rest] = /^(\s*RUN)\s+(\S.*)$/i.exec(dockerfile.text.split(/\r?\n/)[line - 1] ?? '') ?? [];
	return keyword === undefined || rest === undefined || missing.length === 0 ? []
		: [{ line, endLine: line, text: `${keyword} ${[...missing, rest].join(missing.length > 1 ? ` ${dockerfile.escape}\n    ` : ' ')}` }];
}
