import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VariableSet } from '../../../src/core/dockerfile/variableSet';
import { assertLinear } from '../../support/assertLinear';

describe('VariableSet', () => {
	it('is what spreading one record over the other gives, in every place', () => {
		const name = fc.constantFrom('A', 'B', 'C', 'D', 'constructor');
		fc.assert(fc.property(fc.array(fc.dictionary(name, fc.string(), { maxKeys: 2, noNullPrototype: true }), { maxLength: 60 }), fc.boolean(), (sets, looksBetween) => {
			let variables = VariableSet.none;
			let record: Record<string, string> = {};
			for (const set of sets) {
				variables = variables.with(set);
				record = { ...record, ...set };
				if (looksBetween) {
					assert.equal(variables.get('A'), record['A']);
				}
			}
			for (const one of ['A', 'B', 'C', 'D', 'constructor', 'toString']) {
				assert.equal(variables.get(one), Object.hasOwn(record, one) ? record[one] : undefined);
			}
			assert.deepEqual(variables.all(), record);
		}));
	});

	it('takes no longer for the last of thousands than for the first', () => {
		assertLinear(1000, count => {
			let variables = VariableSet.none;
			for (let at = 0; at < count; at++) {
				variables = variables.with({ [`V${String(at)}`]: 'value' });
			}
			for (let at = 0; at < count; at++) {
				assert.equal(variables.get(`V${String(at)}`), 'value');
			}
		});
	});
});
