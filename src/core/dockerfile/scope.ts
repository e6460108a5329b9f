import type { Lookup } from './expand';
import type { BaseConfig, ResolveOptions } from './resolved';
import { VariableSet } from './variableSet';

export type Variables = Readonly<Record<string, string>>;

/** What holds at one place of a stage. Replaced, never changed: instructions share it until one of them sets something. */
export interface Scope {
	readonly env: VariableSet;
	readonly args: VariableSet;
	readonly variables: VariableSet;
	readonly workdir: string;
	readonly user: string;
	readonly shell: readonly string[];
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a stage starts that is based on an image; `base` is undefined where nothing is known of it. */
export function baseScope(base: BaseConfig | undefined, isScratch: boolean, platform: string | undefined, builder: Builder): Scope {
	const isWindows = platform?.startsWith('windows') ?? false;
	// BuildKit sets PATH where a base has none.
	const needsPath = builder === 'buildkit' && !isWindows && (base !== undefined || isScratch) && !Object.hasOwn(base?.env ?? {}, 'PATH');
	const env = base === undefined ? needsPath ? pathOnly : VariableSet.none : envOf(base, needsPath);
	return {
		env, args: VariableSet.none, variables: env,
		workdir: resolveWorkdir('/', base?.workdir ?? '/'),
		user: base?.user ?? '',
		shell: base?.shell ?? (isWindows ? windowsShell : unixShell),
	};
}

const pathOnly = VariableSet.of({ PATH: defaultPath });
const unixShell: readonly string[] = ['/bin/sh', '-c'];
const windowsShell: readonly string[] = ['cmd', '/S', '/C'];

/** The same set each time, so that what was found in its scope is known to hold. */
const envs = new WeakMap<BaseConfig, ReadonlyMap<boolean, VariableSet>>();

function envOf(base: BaseConfig, needsPath: boolean): VariableSet {
	const known = envs.get(base)?.get(needsPath);
	if (known !== undefined) {
		return known;
	}
	const env = VariableSet.of(needsPath ? { ...base.env, PATH: defaultPath } : base.env);
	envs.set(base, new Map([...envs.get(base) ?? [], [needsPath, env]]));
	return env;
}

export type Builder = NonNullable<ResolveOptions['builder']>;

/** What a stage takes over from the stage it starts from. */
export function childScope(parent: Scope, builder: Builder): Scope {
	return builder === 'buildkit' ? parent : { ...parent, args: VariableSet.none, variables: parent.env };
}

export function withEnv(scope: Scope, set: Variables): Scope {
	return { ...scope, env: scope.env.with(set), variables: scope.variables.with(set) };
}

export function withArgs(scope: Scope, set: Variables, builder: Builder): Scope {
	const args = scope.args.with(set);
	return { ...scope, args, variables: builder === 'buildkit' ? scope.variables.with(set) : VariableSet.of({ ...args.all(), ...scope.env.all() }) };
}

export function lookupIn(variables: VariableSet): Lookup {
	return name => variables.get(name);
}

/** WORKDIR's path seen from the one before, without `.`, `..` and doubled slashes. */
export function resolveWorkdir(current: string, path: string): string {
	const parts: string[] = [];
	for (const part of (path.startsWith('/') ? path : `${current}/${path}`).split('/')) {
		if (part === '..') {
			parts.pop();
		} else if (part !== '' && part !== '.') {
			parts.push(part);
		}
	}
	return `/${parts.join('/')}`;
}

/** The arguments every FROM can use without an ARG: those of the platforms, where these are known (BuildKit only). */
export function platformArgs(options: ResolveOptions, targetName: string): Variables {
	const args: Record<string, string> = { TARGETSTAGE: targetName };
	for (const [prefix, platform] of [['BUILD', options.buildPlatform], ['TARGET', options.platform]] as const) {
		if (platform !== undefined) {
			const [os = '', arch = '', variant = ''] = platform.split('/');
			args[`${prefix}PLATFORM`] = platform;
			args[`${prefix}OS`] = os;
			args[`${prefix}OSVERSION`] = '';
			args[`${prefix}ARCH`] = arch;
			args[`${prefix}VARIANT`] = variant;
		}
	}
	for (const name of Object.keys(args)) {
		args[name] = own(options.buildArgs, name) ?? args[name]!;
	}
	return args;
}

/** A record's own value: names like `constructor` come from a Dockerfile too. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
	return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
