/** Whether a command line may build images on an engine, by the words in it; what a script does that it starts is not looked at. */
export function buildsImages(commandLine: string): boolean {
	return /\b(?:docker|podman|nerdctl|buildah|buildctl|buildx|docker-compose)\b[^]*\b(?:build|bake|bud|up)\b/.test(commandLine);
}
