import assert from 'node:assert/strict';
import { buildsImages } from '../../../src/core/build/buildsImages';

describe('a command line that may build images', () => {
	it('names an engine\'s tool and asks it to build', () => {
		for (const line of ['docker build .', 'sudo docker build -t a .', 'DOCKER_BUILDKIT=1 docker build .', 'cd app && docker compose up --build', 'docker buildx bake', 'docker-compose build', 'podman build .', 'buildah bud .', 'docker build \\\n  -t a .']) {
			assert.ok(buildsImages(line), line);
		}
		for (const line of ['ls', 'docker ps', 'docker builder prune', 'npm run build', 'build docker', 'git commit -m "docker"']) {
			assert.ok(!buildsImages(line), line);
		}
	});
});
