import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDockerfile } from '../../../src/core/dockerfile/parse';
import { resolveDockerfile } from '../../../src/core/dockerfile/resolve';
import { fixesOf, type Fix } from '../../../src/core/fixes';
import type { CauseKind } from '../../../src/core/layers/causes';
import type { LineFacts } from '../../../src/core/lineFacts';
import { projectLines } from '../../../src/core/projectLines';

interface Measured {
	/** Bytes of a line that another line buries. */
	readonly buried?: readonly (readonly [line: number, by: number, bytes: number])[];
	readonly causes?: readonly (readonly [line: number, kind: CauseKind, bytes: number, firstLineOrPaths?: number | readonly string[]])[];
	readonly layerBytes?: Readonly<Record<number, number>>;
	readonly builder?: 'buildkit' | 'classic';
}

describe('the fix that joins RUN lines', () => {
	it('joins what adds with what removes, and promises all that one buries of the other', () => {
		assert.equal(fixed('joinRuns', `
FROM debian
RUN apt-get update
RUN apt-get install -y curl
# no lists in the image
RUN rm -rf /var/lib/apt/lists/*
CMD ["curl"]`, { buried: [[3, 6, 40e6], [4, 6, 2e6]] }), `
saves 42000000
FROM debian
RUN apt-get update \\
    && apt-get install -y curl \\
# no lists in the image
    && rm -rf /var/lib/apt/lists/*
CMD ["curl"]`);
	});

	it('keeps what changes the shell, and alternatives, to themselves', () => {
		assert.equal(fixed('joinRuns', `
FROM debian
RUN cd /src && make
RUN test -e /x || touch /x
RUN rm -rf /src`, { buried: [[3, 5, 9]] }), `
saves 9
FROM debian
RUN (cd /src && make) \\
    && (test -e /x || touch /x) \\
    && rm -rf /src`);
	});

	it('enters the folder of a WORKDIR and leaves the image in it', () => {
		assert.equal(fixed('joinRuns', `
FROM debian
RUN curl -O https://example.org/a.tgz
WORKDIR /src
RUN tar xf /a.tgz
RUN rm /a.tgz`, { buried: [[3, 6, 7]] }), `
saves 7
FROM debian
RUN curl -O https://example.org/a.tgz \\
    && mkdir -p /src && cd /src \\
    && tar xf /a.tgz \\
    && rm /a.tgz
WORKDIR /src`);
	});

	it('moves a COPY below where the rest only cleans elsewhere', () => {
		assert.equal(fixed('joinRuns', `
FROM debian
RUN apt-get update && apt-get install -y make
COPY page.html /www/
RUN rm -rf /var/lib/apt/lists/* && apt-get clean`, { buried: [[3, 5, 7]] }), `
saves 7
FROM debian
RUN apt-get update && apt-get install -y make \\
    && rm -rf /var/lib/apt/lists/* && apt-get clean
COPY page.html /www/`);
	});

	for (const [why, between] of [
		['a COPY that later commands may read', 'COPY page.html /www/\nRUN sed -i s/a/b/ /www/page.html'],
		['another user', 'USER app'],
		['an argument', 'ARG VERSION=1'],
		['a heredoc', 'RUN <<EOF\necho\nEOF'],
		['a mount', 'RUN --mount=type=cache,target=/c true'],
		['an exec form', 'RUN ["/bin/true"]'],
		['a shell comment', 'RUN true # done'],
		['a process left running', 'RUN sleep 1 &'],
	] as const) {
		it(`is not offered over ${why}`, () => {
			const text = `FROM debian\nRUN dd of=/big\n${between}\nRUN rm /big`;
			assert.equal(fixed('joinRuns', text, { buried: [[2, text.split('\n').length, 7]] }), '');
		});
	}

	it('makes the first web server of the samples about the second', () => {
		const text = readFileSync(resolve(__dirname, '../../../samples/web-server/v1.Dockerfile'), 'utf8').trimEnd();
		assert.equal(fixed('joinRuns', text, { buried: [[6, 16, 111e6], [7, 15, 200e6]] }).split('\n').slice(7).join('\n'), `RUN apt-get update \\
    && apt-get install -y gcc make libpcre2-dev zlib1g-dev \\
    && apt-get source --download-only nginx \\
    && mkdir /src && tar -C /src --strip-components=1 -xf nginx_*.orig.tar.gz \\
    && mkdir -p /src && cd /src \\
    && ./configure --prefix=/opt/nginx \\
    && make -j2 \\
    && make install \\
    && rm -rf /src /nginx_* && apt-get purge -y gcc make libpcre2-dev zlib1g-dev && apt-get autoremove -y \\
    && rm -rf /var/lib/apt/lists/* && apt-get clean
COPY index.html /opt/nginx/html/
WORKDIR /src
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["/opt/nginx/sbin/nginx", "-g", "daemon off;"]`);
	});
});

describe('the fix that cleans where the leftovers are made', () => {
	it('adds the command to the line', () => {
		assert.equal(fixed('cleanHere', 'FROM debian\nRUN apt-get update && apt-get install -y curl', { causes: [[2, 'aptLists', 44e6]] }), `
saves 44000000
FROM debian
RUN apt-get update && apt-get install -y curl \\
    && rm -rf /var/lib/apt/lists/*`);
	});

	for (const [kind, tool, paths, command] of [
		['goCache', 'go build ./...', ['/go/pkg/mod', '/root/.cache/go-build'], 'go clean -cache -modcache'],
		['goCache', 'go build ./...', ['/root/.cache/go-build'], 'go clean -cache'],
		['cargoCache', 'cargo build --release', ['/usr/local/cargo/registry', '/usr/local/cargo/git'], 'rm -rf /usr/local/cargo/registry /usr/local/cargo/git'],
		['mavenCache', 'mvn package', ['/root/.m2/repository'], 'rm -rf /root/.m2/repository'],
		['gradleCache', './gradlew build', ['/root/.gradle/caches'], 'rm -rf /root/.gradle/caches'],
		['pipCache', 'uv pip install flask', ['/root/.cache/uv'], 'rm -rf /root/.cache/uv'],
		['npmCache', 'npm ci', ['/home/node/.npm'], 'rm -rf /home/node/.npm'],
		['apkCache', 'apk add curl', ['/etc/apk/cache'], 'rm -rf /etc/apk/cache/*'],
	] as const) {
		it(`removes what ${tool} leaves, where it was found: ${paths.join(' ')}`, () => {
			assert.equal(fixed('cleanHere', `FROM debian\nRUN ${tool}`, { causes: [[2, kind, 44e6, paths]] }), `\nsaves 44000000\nFROM debian\nRUN ${tool} \\\n    && ${command}`);
		});
	}

	for (const [why, rest] of [
		['a later line builds with', 'RUN go build -o /app'],
		['a script may build with', 'RUN make test'],
		['a container builds with', 'CMD ["go", "run", "."]'],
	] as const) {
		it(`leaves modules that ${why}`, () => {
			assert.equal(fixed('cleanHere', `FROM golang\nRUN go mod download\n${rest}`, { causes: [[2, 'goCache', 9e6, ['/go/pkg/mod']]] }), '');
		});
	}

	it('takes no path into a command that a shell would read otherwise', () => {
		assert.equal(fixed('cleanHere', 'FROM debian\nRUN npm ci', { causes: [[2, 'npmCache', 9e6, ['/a b;reboot/.npm']]] }), '');
	});

	it('leaves lists that a later install needs', () => {
		assert.equal(fixed('cleanHere', 'FROM debian\nRUN apt-get update\nRUN apt-get install -y curl', { causes: [[2, 'aptLists', 44e6]] }), '');
	});
});

describe('the fix that keeps a cache in a mount', () => {
	const modules = '/go/pkg/mod';
	const objects = '/root/.cache/go-build';

	it('gives the mount to every line that uses the tool, and promises what all of them leave', () => {
		assert.equal(fixed('cacheMount', `
FROM golang
RUN go mod download
COPY . .
RUN <<EOF
go build -o /app
EOF
RUN true
CMD ["/app"]`, { causes: [[3, 'goCache', 40e6, [modules]], [5, 'goCache', 2e6, [objects]]] }), `
saves 42000000
FROM golang
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    <<EOF
go build -o /app
EOF
RUN true
CMD ["/app"]`);
	});

	it('stays beside the mounts that are there', () => {
		assert.equal(fixed('cacheMount', 'FROM node\nRUN --mount=type=secret,id=npmrc npm ci \\\n  --omit=dev\nCMD ["npm", "start"]', { causes: [[2, 'npmCache', 7e6, ['/root/.npm']]] }), `
saves 7000000
FROM node
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc npm ci \\
  --omit=dev
CMD ["npm", "start"]`);
	});

	for (const [why, text, builder] of [
		['by a builder that has no mounts', 'RUN mvn package', 'classic'],
		['for a user whom the mount would not belong to', 'USER app\nRUN mvn package', 'buildkit'],
		['where a line goes without the network', 'RUN mvn dependency:go-offline\nRUN mvn -o package', 'buildkit'],
		['where a script may run the tool', 'RUN mvn dependency:resolve\nRUN ./build.sh all', 'buildkit'],
		['where a container runs the tool', 'RUN mvn package\nCMD mvn exec:java', 'buildkit'],
		['where a variable names it', 'RUN mvn package\nENV CLASSPATH=/root/.m2/repository/a.jar', 'buildkit'],
		['where another stage copies it', 'RUN mvn package\nFROM debian\nCOPY --from=0 /root/ /root/', 'buildkit'],
	] as const) {
		it(`is not offered ${why}`, () => {
			const line = text.startsWith('USER') ? 3 : 2;
			assert.equal(fixed('cacheMount', `FROM maven\n${text}`, { causes: [[line, 'mavenCache', 9e6, ['/root/.m2/repository']]], builder }), '');
		});
	}
});

describe('the fix that lets COPY set the mode', () => {
	it('takes the place of the chmod line', () => {
		assert.equal(fixed('copyFlag', 'FROM debian\nCOPY server /app/\nRUN chmod 755 /app/server\nCMD ["/app/server"]', { causes: [[3, 'metadataCopy', 5e6, 2]], layerBytes: { 2: 5e6 } }), `
saves 5000000
FROM debian
COPY --chmod=755 server /app/
CMD ["/app/server"]`);
	});

	it('keeps the group that COPY gave where only the user was changed', () => {
		const flag = (chown: string): string => fixed('copyFlag', `FROM debian\nCOPY a /a\nRUN chown ${chown} /a`, { causes: [[3, 'metadataCopy', 5, 2]], layerBytes: { 2: 5 } });
		assert.match(flag('-R www-data'), /COPY --chown=www-data:0 a \/a$/);
		assert.match(flag('www-data:www'), /COPY --chown=www-data:www a \/a$/);
		assert.equal(flag('www-data:'), '');
	});

	it('is not offered for a builder whose COPY sets none', () => {
		assert.equal(fixed('copyFlag', 'FROM debian\nCOPY a /a\nRUN chmod 755 /a', { causes: [[3, 'metadataCopy', 5, 2]], layerBytes: { 2: 5 }, builder: 'classic' }), '');
	});

	it('is not offered where the line copied more than was changed', () => {
		assert.equal(fixed('copyFlag', 'FROM debian\nCOPY . /app/\nRUN chmod 755 /app/server', { causes: [[3, 'metadataCopy', 5e6, 2]], layerBytes: { 2: 6e6 } }), '');
	});

	it('is not offered where a line between may have made the user', () => {
		assert.equal(fixed('copyFlag', 'FROM debian\nCOPY a /a\nRUN adduser app\nRUN chown app /a', { causes: [[4, 'metadataCopy', 5, 2]], layerBytes: { 2: 5 } }), '');
	});
});

describe('the fix for .dockerignore', () => {
	it('names what came along from the build context', () => {
		const found = fixesOf(...measured('FROM debian\nCOPY . /app', { causes: [[2, 'gitFolder', 3e6]] })).find(({ kind }) => kind === 'ignore');
		assert.deepEqual([found?.ignore, found?.savesBytes], [['**/.git'], 3e6]);
	});

	it('is not offered for what another stage made', () => {
		const found = fixesOf(...measured('FROM debian AS a\nFROM debian\nCOPY --from=a / /app', { causes: [[3, 'nodeModules', 3e6]] }));
		assert.deepEqual(found.filter(({ kind }) => kind === 'ignore'), []);
	});
});

/** The text after the first fix of this kind, and what it promises; empty where there is none. */
function fixed(kind: Fix['kind'], text: string, waste: Measured): string {
	const fix = fixesOf(...measured(text, waste)).find(found => found.kind === kind);
	return fix === undefined ? '' : `\nsaves ${String(fix.savesBytes)}\n${applied(text, fix).replace(/^\n/, '')}`;
}

function applied(text: string, { edits }: Fix): string {
	const lines = text.split('\n');
	for (const { line, endLine, text: replaced } of [...edits].sort((left, right) => right.line - left.line)) {
		lines.splice(line - 1, endLine - line + 1, ...replaced === undefined ? [] : [replaced]);
	}
	return lines.join('\n');
}

function measured(text: string, { buried = [], causes = [], layerBytes = {}, builder = 'buildkit' }: Measured): Parameters<typeof fixesOf> {
	const resolved = resolveDockerfile(parseDockerfile(text), {});
	const lines = projectLines({ resolved }).map((facts): LineFacts => ({
		...facts,
		waste: {
			bytes: buried.filter(([line]) => line === facts.line).reduce((sum, [, , bytes]) => sum + bytes, 0),
			burials: buried.filter(([line]) => line === facts.line)
				.map(([addedIn, by, bytes]) => ({ addedIn, buriedIn: by, how: 'removed' as const, bytes, files: 1, paths: ['/x'], line: by })),
			causes: causes.filter(([line]) => line === facts.line)
				.map(([layer, kind, bytes, more]) => {
					const [first, paths] = typeof more === 'number' ? [more, ['/x']] : [undefined, more ?? ['/x']];
					return { kind, layer, bytes, wastedBytes: bytes, files: 1, paths, firstLayer: first, firstLine: first, packages: [] };
				}),
			layerBytes: layerBytes[facts.line] ?? 0,
			imageBytes: 1e9,
		},
	}));
	return [resolved, lines, builder];
}
