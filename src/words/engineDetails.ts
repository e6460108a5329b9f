import { formatBytes } from '../core/base/bytes';
import type { DiskUsage, Endpoint, EngineDetails, EngineInfo } from '../core/engine/engine';
import { codeSpan, escapeMarkdown } from './markdown';
import { oneLine } from './rows';
import type { Translate } from './translate';

/** A page, in Markdown, of what an engine is; `usage` where it was measured. */
export function engineDetailsPage(endpoint: Endpoint, info: EngineInfo, details: EngineDetails, usage: DiskUsage | undefined, t: Translate): string {
	const unknown = t('not known');
	const list = (items: readonly string[]): string => items.length === 0 ? t('none') : items.map(codeSpan).join(', ');
	const bytes = (count: number | undefined): string => count === undefined ? unknown : formatBytes(count);
	return [
		`# ${escapeMarkdown(engineTitle(info, t))}`,
		'',
		table(t('Engine'), [
			[t('Address'), codeSpan(endpoint.url)],
			[t('Chosen by'), originOf(endpoint, t)],
			[t('Version'), t('{0}, API {1}', escapeMarkdown(info.version), escapeMarkdown(info.apiVersion))],
			[t('Builder'), info.hasBuildKit ? t('BuildKit, and the classic builder') : info.kind === 'podman' ? t('Buildah, by the words of the classic builder') : t('the classic builder')],
			[info.imageStore === 'containerd' ? t('Image store') : t('Storage driver'), codeSpan(info.imageStore)],
			[t('Root folder'), details.rootFolder === undefined ? unknown : codeSpan(details.rootFolder)],
			[t('Rootless'), details.isRootless ? t('yes') : t('no')],
			[t('Registry mirrors'), list(details.registryMirrors)],
			[t('Registries without checked TLS'), list(details.insecureRegistries)],
		], t),
		'',
		table(t('Machine'), [
			[t('Name'), escapeMarkdown(info.name)],
			[t('System'), escapeMarkdown([details.operatingSystem ?? info.os, info.architecture].join(', '))],
			[t('Kernel'), escapeMarkdown(details.kernel ?? unknown)],
			[t('Processors'), String(details.cpus ?? unknown)],
			[t('Memory'), bytes(details.memoryBytes)],
		], t),
		'',
		table(t('Holds'), [
			[t('Images, with unnamed ones'), String(details.images ?? unknown)],
			[t('Containers'), details.containers === undefined ? unknown : t('{0}, {1} running', details.containers, details.runningContainers ?? unknown)],
		], t),
		'',
		usage === undefined ? t('Disk use is measured on request: run *Strata: Measure Disk Use of Engine*.') : table(t('Disk use'), [
			[t('Layers of all images'), bytes(usage.images)],
			[t('Written by containers'), bytes(usage.containers)],
			[t('Volumes'), bytes(usage.volumes)],
			[t('Build cache that no image shares'), bytes(usage.buildCache)],
		], t),
		...details.warnings.length === 0 ? [] : ['', `## ${t('The engine warns')}`, '', ...details.warnings.map(warning => `- ${escapeMarkdown(warning)}`)],
		'',
	].join('\n');
}

/** `Docker 28.5.2`. */
export function engineTitle({ kind, version }: EngineInfo, t: Translate): string {
	return kind === 'podman' ? t('Podman {0}', oneLine(version)) : t('Docker {0}', oneLine(version));
}

function originOf({ origin, name }: Endpoint, t: Translate): string {
	switch (origin) {
		case 'setting':
			return name === undefined ? t('the setting {0}', '`strata.engine.endpoint`') : t('the setting, which names the Docker context {0}', codeSpan(name));
		case 'environment':
			return '`DOCKER_HOST`';
		case 'dockerContext':
			return t('the Docker context {0}', codeSpan(name ?? ''));
		case 'wellKnownSocket':
			return t('a socket found on this machine ({0})', escapeMarkdown(name ?? ''));
		case 'default':
			return t('nobody: it is the usual address');
	}
}

function table(title: string, rows: readonly (readonly [string, string])[], t: Translate): string {
	return [`| ${title} | ${t('Value')} |`, '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}
