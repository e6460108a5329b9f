// What lands is judged by the same inputs each time; a developer's run draws new ones, and its failure names its seed.
if (process.env.CI) {
	require('fast-check').configureGlobal({ seed: 20 });
}
