import tseslint from 'typescript-eslint';

// The walls of src/README.md as lint errors. A later zone replaces an earlier one for the same file.
const say = {
	vscode: 'Below platform nobody sees vscode: take an AbortSignal, return data.',
	dockerode: 'Only core/engine/dockerEngine.ts speaks to dockerode.',
	up: 'Imports point down: surfaces → services → core; platform stands beside.',
	room: 'This core room does not know that one (see src/README.md).',
	sibling: 'A surface never imports another surface.',
};
const no = (message, ...group) => ({ group, message });
const zone = (files, ...patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } });
const vscode = no(say.vscode, 'vscode');
const dockerode = no(say.dockerode, 'dockerode', 'docker-modem');
const above = (...rooms) => no(say.up, ...rooms.map(room => `**/${room}/**`), '**/extension');
const notRooms = (...rooms) => no(say.room, ...rooms.map(room => `**/${room}/**`));
const up = above('services', 'platform', 'surfaces', 'cli', 'words');

export default tseslint.config(
	{ ignores: ['dist/**', 'node_modules/**', '.strata/**', 'test/fixtures/**', 'samples/**'] },
	...tseslint.configs.strict.map(config => ({ ...config, files: ['src/**/*.ts', 'test/**/*.ts'] })),
	{
		files: ['src/**/*.ts', 'test/**/*.ts'],
		languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
		rules: {
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
			'@typescript-eslint/no-non-null-assertion': 'off',
			'@typescript-eslint/no-dynamic-delete': 'off',
			'@typescript-eslint/unified-signatures': 'off',
			'max-lines': ['error', { max: 350 }],
			eqeqeq: 'error',
		},
	},
	{ files: ['test/**/*.ts'], rules: { 'max-lines': 'off', '@typescript-eslint/no-unused-expressions': 'off' } },
	zone(['src/core/base/**'], vscode, dockerode, up, notRooms('dockerfile', 'image', 'engine', 'build', 'cache', 'layers')),
	zone(['src/core/dockerfile/**', 'src/core/image/**'], vscode, dockerode, up, notRooms('engine', 'build', 'cache', 'layers')),
	zone(['src/core/engine/**'], vscode, dockerode, up, notRooms('dockerfile', 'build', 'cache', 'layers')),
	zone(['src/core/engine/dockerEngine.ts'], vscode, up, notRooms('dockerfile', 'build', 'cache', 'layers')),
	zone(['src/core/build/**'], vscode, dockerode, up, notRooms('cache', 'layers')),
	zone(['src/core/cache/**'], vscode, dockerode, up, notRooms('layers')),
	zone(['src/core/layers/**'], vscode, dockerode, up, notRooms('build', 'dockerfile', 'cache')),
	zone(['src/core/rebuild/**'], vscode, dockerode, up),
	zone(['src/core/*.ts'], vscode, dockerode, up),
	zone(['src/words/**'], vscode, dockerode, above('services', 'platform', 'surfaces', 'cli')),
	zone(['src/services/**'], vscode, dockerode, above('platform', 'surfaces', 'cli', 'words')),
	zone(['src/cli/**'], vscode, dockerode, above('platform', 'surfaces')),
	zone(['src/platform/**'], dockerode, above('services', 'surfaces', 'cli')),
	zone(['src/webview/**'], vscode, dockerode, above('services', 'platform', 'surfaces', 'cli', 'words')),
	zone(['src/surfaces/**'], dockerode, no(say.up, '**/extension', '**/cli/**'), no(say.sibling, '../*/**', '!../../**')),
);
