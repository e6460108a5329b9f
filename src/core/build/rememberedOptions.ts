import type { RememberedBuild } from '../engine/records/rememberedBuilds';
import { plainBuild, type BuildOptions } from './buildOptions';

/** The options of a build that BuildKit remembers (its frontend attributes: BuildKit, frontend/dockerui/config.go). */
export function rememberedOptions({ attributes, tags }: RememberedBuild, contextPath: string, dockerfilePath: string): BuildOptions {
	const network = attributes['force-network-mode'];
	return {
		...plainBuild(contextPath, dockerfilePath),
		tags,
		target: attributes['target'] || undefined,
		buildArgs: withPrefix(attributes, 'build-arg:'),
		labels: withPrefix(attributes, 'label:'),
		// A list of stages there is no option of ours.
		noCache: attributes['no-cache'] === '',
		pull: attributes['image-resolve-mode'] === 'pull',
		platform: attributes['platform'] || undefined,
		network: network === 'none' || network === 'host' ? network : undefined,
		builder: 'buildkit',
	};
}

/** Whether it is a build at all (a check or an outline is none), and for one platform. */
export function isPlainBuild({ attributes }: RememberedBuild): boolean {
	return attributes['requestid'] === undefined && attributes['platform']?.includes(',') !== true;
}

/** Whether its cache depends on nothing but what a build of ours depends on. */
export function hasOurOptions({ attributes }: RememberedBuild): boolean {
	return Object.entries(attributes).every(([name, value]) => ours.test(name) && (name !== 'no-cache' || value === ''));
}

const ours = /^(?:filename|target|no-cache|platform|image-resolve-mode|force-network-mode|build-arg:(?!BUILDKIT_|SOURCE_DATE_EPOCH).*|(?:label|attest|vcs):.*)$/;

function withPrefix(attributes: Readonly<Record<string, string>>, prefix: string): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : []));
}
