/**
 * Whether a command line may build images on an engine, or prune what building them needs, by the words in it; what a script
 * does that it starts is not looked at.
 */
export function changesBuildCache(commandLine: string): boolean {
	return /\b(?:docker|podman|nerdctl|buildah|buildctl|buildx|docker-compose)\b[^]*\b(?:build|bake|bud|up|prune)\b/.test(commandLine);
}
