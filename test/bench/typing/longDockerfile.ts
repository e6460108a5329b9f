/** A Dockerfile of 1,000 lines as large projects have them: stages, comments, continuations, a few variables each. */
export function manyStages(): string {
	const blocks = Array.from({ length: 100 }, (_, at) => [
		...at % 12 === 0 ? [`FROM base:1 AS stage${String(at / 12)}`] : [`# Part ${String(at)} of the product.`],
		`ARG VERSION_${String(at)}=1.${String(at)}.0`,
		`ENV HOME_${String(at)}=/opt/part${String(at)}`,
		`WORKDIR /opt/part${String(at)}`,
		`RUN install --version=$VERSION_${String(at)} \\`,
		`    --prefix=$HOME_${String(at)} \\`,
		'    && rm -rf /var/cache',
		`COPY src/package${String(at * 2)} ./package${String(at * 2)}`,
		at % 12 === 2 && at > 12 ? `COPY --from=stage${String(Math.floor(at / 12) - 1)} /opt /opt/before` : `LABEL part${String(at)}="the part ${String(at)}"`,
		`RUN make -C package${String(at * 2)}`,
	]);
	return `${blocks.flat().join('\n')}\n`;
}

/** The hardest of 1,000 lines: one stage, no comments, 332 variables of which every RUN sees all that stand above it. */
export function oneStage(): string {
	const blocks = Array.from({ length: 333 }, (_, at) => [`ENV VARIABLE_${String(at)}=value-${String(at)}`, `RUN step ${String(at)} $VARIABLE_${String(at)}`, `COPY src/package${String(at % 200)}/*.ts /app/$VARIABLE_${String(at)}/`]);
	return `${['FROM base:1', ...blocks.flat()].join('\n')}\n`;
}

export interface KeyPress {
	/** Which part of the script it belongs to. */
	readonly part: string;
	readonly text: string;
}

/** What a person does to such a file in some minutes, key press by key press. */
export function keyPresses(text: string): readonly KeyPress[] {
	const presses: KeyPress[] = [];
	let now = text;
	const press = (part: string, next: string): void => {
		now = next;
		presses.push({ part, text: next });
	};
	const typeAt = (part: string, place: number, typed: string): void => {
		for (const [at, character] of [...typed].entries()) {
			press(part, now.slice(0, place + at) + character + now.slice(place + at));
		}
	};
	const erase = (part: string, end: number, count: number): void => {
		for (let at = 0; at < count; at++) {
			press(part, now.slice(0, end - at - 1) + now.slice(end - at));
		}
	};
	const after = (word: string, from = 0): number => now.indexOf(word, from) + word.length;
	const lineStart = (line: number): number => now.split('\n').slice(0, line).join('\n').length + 1;

	typeAt('comment', lineStart(500), '# Why this is here.\n');
	typeAt('new RUN', lineStart(500), 'RUN curl -o tool https://example.com && ./tool\n');
	typeAt('new COPY', lineStart(500), 'COPY --chown=1 src/package17/file3.ts /app/\n');
	const value = after('=', now.indexOf('ENV '));
	typeAt('first ENV', value, 'other/');
	erase('first ENV', value + 6, 6);
	const command = after('RUN ', 0);
	typeAt('first RUN', command, 'time ');
	erase('first RUN', command + 5, 5);
	const base = after('FROM base', 0);
	typeAt('base', base, '-new');
	erase('base', base + 4, 4);
	const end = now.length;
	typeAt('at the end', end, 'CMD ["server"]\n');
	const cut = lineStart(300);
	const lines = now.slice(cut, lineStart(320));
	press('cut and paste', now.slice(0, cut) + now.slice(cut + lines.length));
	press('cut and paste', now.slice(0, cut) + lines + now.slice(cut));
	return presses;
}
