import assert from 'node:assert/strict';
import { changesBuildCache } from '../../../src/core/build/changesBuildCache';

describe('a command line that may change what is cached', () => {
	it('names an engine\'s tool and asks it to build or to prune', () => {
		for (const line of ['docker build .', 'sudo docker build -t a .', 'DOCKER_BUILDKIT=1 docker build .', 'cd app && docker compose up --build', 'docker buildx bake', 'docker-compose build', 'podman build .', 'buildah bud .', 'docker builder prune -f', 'docker buildx prune', 'docker system prune', 'docker build \\\n  -t a .']) {
			assert.ok(changesBuildCache(line), line);
		}
		for (const line of ['ls', 'docker ps', 'docker builder ls', 'prune docker', 'npm run build', 'build docker', 'git commit -m "docker"']) {
			assert.ok(!changesBuildCache(line), line);
		}
	});
});
