import assert from 'node:assert/strict';
import { defaultTag } from '../../../src/core/build/defaultTag';
import { parseReference } from '../../../src/core/image/reference';

describe('defaultTag', () => {
	for (const [path, tag] of [
		['/home/me/web/Dockerfile', 'strata/web:latest'],
		['/home/me/My Project_2/Dockerfile', 'strata/my-project-2:latest'],
		['/home/me/web/Dockerfile.dev', 'strata/web-dev:latest'],
		['/home/me/web/prod.Dockerfile', 'strata/web-prod:latest'],
		['/home/me/web/Containerfile', 'strata/web:latest'],
		['/home/me/--äö--/Dockerfile', 'strata/image:latest'],
		['/Dockerfile', 'strata/image:latest'],
		['/x/api.v2/dockerfile', 'strata/api-v2:latest'],
	] as const) {
		it(`${path} → ${tag}`, () => {
			assert.equal(defaultTag(path), tag);
			assert.notEqual(parseReference(tag), undefined);
		});
	}
});
