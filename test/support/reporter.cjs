'use strict';
const { appendFileSync } = require('node:fs');
const { reporters } = require('mocha');

/**
 * Mocha's spec report, and one line of counts and failures for scripts/test.mjs. It is written only when a
 * suite comes to its end: a suite that crashes leaves none, and that is how the crash is noticed.
 */
module.exports = class Reporter extends reporters.Spec {
	constructor(runner, options) {
		super(runner, options);
		const file = process.env.STRATA_TEST_COUNTS;
		runner.once('end', () => {
			const { passes, failures, pending } = this.stats;
			if (file) {
				appendFileSync(file, `${JSON.stringify({ passed: passes, failed: failures, skipped: pending, failures: this.failures.map(told) })}\n`);
			}
		});
	}
};

/** The test's whole name and the beginning of its error, which has the place. */
function told(test) {
	const { message = '', stack = message } = test.err ?? {};
	const error = stack.includes(message) ? stack : `${message}\n${stack}`;
	return `${test.titlePath().join(' › ')}\n${error.slice(0, 2000)}`;
}
