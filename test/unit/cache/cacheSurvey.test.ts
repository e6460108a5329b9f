import assert from 'node:assert/strict';
import { CacheSurvey } from '../../../src/core/cache/cacheSurvey';
import { CacheKnowledge, type PastBuild, type StoredStep } from '../../../src/core/cache/knowledge';
import type { CacheRecord } from '../../../src/core/engine/engine';
import { CacheWorld, type BuildOptions, type ContextGiven } from '../../support/cacheWorld';

const exec = 'mount / from exec /bin/sh -c ';
const copy = '[stage-0 2/3] COPY a.txt /a';
const text = (...lines: string[]): string => ['FROM base:1', ...lines, ''].join('\n');

describe('CacheSurvey', () => {
	it('finds a RUN by its whole command, not by its words among others', () => {
		const survey = surveyOf(['base', ''], ['longer', `${exec}echo a && rm a`, 'base']);
		assert.equal(survey.said(text('RUN echo a')), 'gone');
		assert.equal(survey.said(text('RUN rm a')), 'gone');
		assert.equal(survey.said(text('RUN echo a && rm a')), 'there');
	});

	it('reads commands as BuildKit writes them: exec forms, other shells, heredocs, scripts', () => {
		const survey = surveyOf(['base', ''], ['one', 'mount / from exec /bin/echo a b c', 'base'], ['two', 'mount / from exec /bin/sh -ec ls', 'base'],
			['three', `${exec}echo one\necho two\n`, 'base'], ['four', `${exec}cat <<A > /o && echo x\nhello\nA`, 'base'], ['five', `${exec}/dev/pipes/EOT`, 'base'], ['six', `${exec}echo tab\n`, 'base']);
		for (const run of ['RUN ["/bin/echo", "a b", "c"]', 'SHELL ["/bin/sh", "-ec"]\nRUN ls', 'RUN <<E\necho one\necho two\nE', 'RUN cat <<A > /o && echo x\nhello\nA', 'RUN <<EOT\n#!/bin/sh\necho script\nEOT', 'RUN <<-E\n\techo tab\n\tE']) {
			assert.equal(survey.said(text(run)), 'there', run);
		}
	});

	it('tells apart what is worded alike by when it was made', () => {
		const survey = surveyOf(['base', ''], ['new', copy, 'base', 2000]);
		const [old, now] = [{ 'a.txt': 'old' }, { 'a.txt': 'new' }];
		survey.built(1000, text('COPY a.txt /a'), old).built(2000, text('COPY a.txt /a'), now);
		assert.equal(survey.said(text('COPY a.txt /a'), old), 'gone');
		assert.equal(survey.said(text('COPY a.txt /a'), now), 'there');
		const arg = 'ARG V\nRUN make';
		const runs = surveyOf(['base', ''], ['make', `${exec}make`, 'base', 2000]);
		runs.built(1000, text(arg), {}, { buildArgs: { V: '1' } }).built(2000, text(arg), {}, { buildArgs: { V: '2' } });
		assert.equal(runs.said(text(arg), {}, { buildArgs: { V: '1' } }), 'gone');
		assert.equal(runs.said(text(arg), {}, { buildArgs: { V: '2' } }), 'there');
	});

	it('leaves open what was only ever found, where it can be one of several', () => {
		const one = surveyOf(['base', ''], ['one', copy, 'base', 10]);
		assert.equal(one.said(text('COPY a.txt /a'), { 'a.txt': 'a' }), 'there');
		const several = surveyOf(['base', ''], ['one', copy, 'base', 10], ['two', copy, 'base', 20]);
		assert.equal(several.said(text('COPY a.txt /a'), { 'a.txt': 'a' }), 'open');
		assert.equal(surveyOf(['base', '']).said(text('COPY a.txt /a'), { 'a.txt': 'a' }), 'gone');
	});

	it('finds a command that a secret was taken out of', () => {
		const [argument] = ['ARG TOKEN=very-secret\n'];
		assert.equal(surveyOf(['base', ''], ['one', `${exec}curl -H very-secret host`, 'base']).said(text(`${argument}RUN curl -H very-secret host`)), 'there');
		assert.equal(surveyOf(['base', ''], ['one', `${exec}curl -X very-secret host`, 'base']).said(text(`${argument}RUN curl -H very-secret host`)), 'gone');
	});

	it('tells COPYs of others apart by their size where that is the files\'', () => {
		const survey = surveyOf(['base', ''], ['one', 'fileop target', 'base', 1000, 1], ['two', 'fileop target', 'base', 1000, 2], ['none', 'fileop target', 'base', 1000, 0]);
		assert.deepEqual(survey.elsewhere(text('COPY a.txt /a')), ['record one']);
		assert.deepEqual(survey.elsewhere(text('COPY a.txt b.txt /a/')), ['record two']);
		assert.deepEqual(survey.elsewhere(text('WORKDIR /w')), ['record none']);
		assert.deepEqual(survey.elsewhere(text('COPY *.txt /a/')), ['record one', 'record two', 'record none'], 'a file may come twice');
	});

	it('finds a base by what known builds made upon it', () => {
		const survey = surveyOf(['base', ''], ['other', ''], ['ours', `${exec}ours`, 'base', 1000], ['a', `${exec}a`, 'base', 1500], ['b', `${exec}b`, 'other', 1500]);
		survey.built(1000, text('RUN ours'));
		assert.deepEqual([survey.elsewhere(text('RUN a')), survey.elsewhere(text('RUN b'))], [['record a'], []]);
		assert.deepEqual([survey.elsewhere(text('RUN a'), 'base another'), survey.elsewhere(text('RUN b'), 'base another')], [[], ['record b']]);
	});

	it('names what others built upon a result, and what they built upon that', () => {
		const survey = surveyOf(['base', ''], ['ours', `${exec}echo ours`, 'base', 1000], ['theirs', `${exec}echo theirs`, 'base', 1500], ['copied', copy, 'theirs', 1600], ['added', '[2/2] ADD a.txt /a', 'theirs', 1600]);
		survey.built(1000, text('RUN echo ours'));
		assert.deepEqual(survey.elsewhere(text('RUN echo ours')), [], 'a recorded build made it');
		assert.deepEqual(survey.elsewhere(text('RUN echo')), []);
		assert.deepEqual(survey.elsewhere(text('RUN echo theirs')), ['record theirs']);
		assert.deepEqual(survey.elsewhere(text('COPY a.txt /a'), 'record theirs'), ['record copied']);
		assert.deepEqual(survey.elsewhere(text('COPY a.txt /a')), []);
	});

	it('leaves open what a build that is under way may yet build upon its own results', () => {
		const survey = surveyOf(['base', ''], ['busy one', `${exec}echo one`, 'base', 1000], ['done', `${exec}echo two`, 'base', 1000], ['busy copy', copy, 'busy one', 1100, 0]);
		assert.deepEqual(survey.elsewhere(text('RUN echo one')), ['record busy one']);
		assert.deepEqual(survey.elsewhere(text('RUN echo next'), 'record busy one'), ['upon record busy one']);
		assert.deepEqual(survey.elsewhere(text('RUN echo after that'), 'upon record busy one'), ['upon upon record busy one']);
		assert.deepEqual(survey.elsewhere(text('COPY a.txt /a'), 'record busy one'), ['record busy copy'], 'it has not all of its bytes yet');
		survey.elsewhere(text('RUN echo two'));
		assert.deepEqual(survey.elsewhere(text('RUN echo next'), 'record done'), []);
		assert.deepEqual(survey.elsewhere(text('RUN echo next')), [], 'every build holds its base');
	});

	it('knows what a build under way has made and holds, of what recorded builds only found', () => {
		const survey = surveyOf(['base', ''], ['busy theirs', `${exec}echo theirs`, 'base', 1000], ['busy ours', `${exec}echo ours`, 'base', 2000], ['done', `${exec}echo done`, 'base', 1000]);
		survey.built(2000, text('RUN echo ours'));
		assert.deepEqual(['theirs', 'ours', 'done'].map(words => survey.isHeld(text(`RUN echo ${words}`))), [true, false, false]);
	});

	it('passes over what the very build that is asked about has made', () => {
		const survey = surveyOf(['base', ''], ['own', `${exec}make`, 'base', 2000]);
		assert.deepEqual([survey.elsewhere(text('RUN make'), undefined, 2000), survey.elsewhere(text('RUN make'), undefined, 2001)], [[], ['record own']]);
	});
});

interface Surveyed {
	/** Adds a build of which every step ran then. */
	built(at: number, text: string, files?: ContextGiven, options?: BuildOptions): Surveyed;
	/** What is said of the last step; one that was not built was found, by a build that made nothing. */
	said(text: string, files?: ContextGiven, options?: BuildOptions): 'there' | 'gone' | 'open';
	/** Whether the result of the last step is held; one that was not built was found. */
	isHeld(text: string): boolean;
	elsewhere(text: string, parent?: string, before?: number): readonly string[];
}

/** Records as id, description, parent, when they were made, and bytes. Those whose ids begin with `busy` are in use. */
function surveyOf(...given: readonly (readonly [id: string, description: string, parent?: string, at?: number, size?: number])[]): Surveyed {
	const world = new CacheWorld();
	const builds: PastBuild[] = [];
	const survey = new CacheSurvey(given.map(([id, description, parent, createdAt, sizeBytes = 1]): CacheRecord => ({
		id, description, createdAt, parents: parent === undefined ? [] : [parent], type: 'regular', inUse: id.startsWith('busy'), shared: false, sizeBytes, lastUsedAt: undefined, usageCount: undefined,
	})), 10_000);
	const buildOf = (at: number | undefined, text: string, files: ContextGiven = {}, options: BuildOptions = {}): PastBuild => ({
		id: `build ${String(builds.length)}`, finishedAt: 5000, noCache: false, succeeded: true, isOwn: true, builder: 'buildkit',
		steps: world.inputs(text, files, options).inputs.map(inputs => ({
			inputs, outcome: inputs.step === undefined ? 'metadata' : at === undefined ? 'cached' : 'ran', workedIn: at === undefined || inputs.step === undefined ? undefined : { start: at, end: at + 10 },
		})),
	});
	const find = (...build: Parameters<Surveyed['said']>): { readonly step: StoredStep; readonly isLost: boolean | undefined } => {
		const found = buildOf(undefined, ...build);
		const key = new CacheKnowledge().follow(found).lookups.at(-1)!.key!;
		const before = new CacheKnowledge(builds);
		const knowledge = before.find(key) === undefined ? new CacheKnowledge([...builds, found]) : before;
		const step = knowledge.find(key)!;
		return { step, isLost: survey.isLost(step, knowledge) };
	};
	return {
		built(...build) {
			builds.push(buildOf(...build));
			return this;
		},
		said: (...build) => {
			const { isLost } = find(...build);
			return isLost === undefined ? 'open' : isLost ? 'gone' : 'there';
		},
		isHeld: asked => survey.isHeld(find(asked).step.result),
		elsewhere: (asked, parent = 'base layers of base:1', before = Number.POSITIVE_INFINITY) => {
			const { keyword, step } = world.inputs(asked, { 'a.txt': 'a', 'b.txt': 'b' }).inputs.at(-1)!;
			return survey.elsewhere({ inputs: { keyword }, step: step! }, parent, new CacheKnowledge(builds), { countsFiles: true, before });
		},
	};
}
