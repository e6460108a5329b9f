import type { CauseKind } from './causes';

/**
 * Directories that package managers leave behind, by their whole path or its end. Sources: apt(8) and apt.conf(5),
 * apk-tools' cache, dnf.conf(5), `pip cache dir`, `npm config get cache`, `yarn cache dir`, `go env GOCACHE GOMODCACHE`,
 * the Cargo book (Cargo Home), Maven's settings reference, Gradle's user home.
 */
const rules: readonly (readonly [CauseKind, RegExp])[] = [
	['aptLists', /^\/var\/lib\/apt\/lists$/],
	['aptArchives', /^\/var\/cache\/apt$/],
	['apkCache', /^(?:\/var\/cache\/apk|\/etc\/apk\/cache)$/],
	['dnfCache', /^\/var\/cache\/(?:dnf|yum|libdnf5|PackageKit)$/],
	// Poetry keeps virtual environments beside its caches, and they are what the image is for.
	['pipCache', /\/\.cache\/(?:pip|uv|pypoetry\/(?:cache|artifacts))$/],
	['npmCache', /\/\.npm$|\/\.local\/share\/pnpm\/store$/],
	// Not that of later versions: without node_modules the program runs from it.
	['yarnCache', /\/\.cache\/yarn$/],
	['goCache', /\/\.cache\/go-build$|\/go\/pkg\/mod$/],
	['cargoCache', /\/\.?cargo\/(?:registry|git)$/],
	['mavenCache', /\/\.m2\/repository$/],
	['gradleCache', /\/\.gradle\/caches$/],
	['gitFolder', /\/\.git$/],
];

/** What a directory of this path is a leftover of. */
export function causeOfDirectory(path: string, createdBy: string | undefined): CauseKind | undefined {
	// Installed by a RUN line node_modules are what the image is for; copied they come from outside.
	if (path.endsWith('/node_modules')) {
		return createdBy !== undefined && isCopy(createdBy) ? 'nodeModules' : undefined;
	}
	return rules.find(([, pattern]) => pattern.test(path))?.[0];
}

/** In the words of BuildKit's history (`COPY . /app # buildkit`) or the classic builder's (`#(nop) COPY dir:…`). */
function isCopy(createdBy: string): boolean {
	return /^(?:COPY|ADD)\s/.test(createdBy) || /#\(nop\)\s+(?:COPY|ADD)\s/.test(createdBy);
}

export function isToolDirectory(path: string): boolean {
	return /^\/usr\/(?:lib|libexec)\/gcc(?:-cross)?$|^\/usr\/(?:local\/)?include$|^\/usr\/lib\/llvm-[\d.]+$|^\/usr\/(?:local\/go|local\/rustup|lib\/go(?:-[\d.]+)?)$|\/\.rustup\/toolchains$/.test(path);
}

/** A compiler, linker, assembler or build driver, with or without target and version (`x86_64-linux-gnu-gcc-12`). */
export function isToolName(name: string): boolean {
	return /^(?:[\w.]+-linux-(?:gnu|musl)\w*-|[\w.]+-alpine-linux-musl-)?(?:gcc|g\+\+|c\+\+|cpp|gfortran|clang|clang\+\+|ld|ld\.bfd|ld\.gold|ld\.lld|as|make|cmake|ninja|meson|rustc|javac|autoconf|automake|bison|flex)(?:-[\d.]+)?$/.test(name);
}

/**
 * A package that serves building only, by its name in the database of dpkg or apk: compilers, build drivers, and the
 * headers and static libraries that Debian's policy and Alpine's name `-dev`. `gcc-12-base` holds a licence and is in
 * every image; Alpine's `build-base` asks for all it takes to build.
 */
export function isToolPackage(name: string): boolean {
	return /^(?:build-base|alpine-sdk|samurai)$/.test(name) || !/-base$/.test(name)
		&& /-dev$|^(?:build-essential|dpkg-dev|binutils|gcc|g\+\+|cpp|gfortran|clang|llvm|make|cmake|ninja-build|meson|autoconf|automake|bison|flex|libtool|pkg-config|pkgconf|rustc|cargo|golang|go|linux-headers|(?:default|openjdk-\d+)-jdk)(?:-[\w.+-]+)?$/.test(name);
}

/** `/var/lib/dpkg/info/zlib1g-dev:amd64.list` is there while the package is installed (dpkg-query(1)). */
export function packageOfList(name: string): string | undefined {
	return /^([a-z0-9][a-z0-9.+-]*)(?::[\w-]+)?\.list$/.exec(name)?.[1];
}
