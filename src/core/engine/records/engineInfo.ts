import type { EngineInfo } from '../engine';
import { listOf, recordOf, someTextOf, textOf, textsOf } from './wire';

/** `GET /info` and `GET /version` together. */
export function engineInfo(info: unknown, version: unknown, apiVersion: string): EngineInfo {
	const system = recordOf(info);
	const release = recordOf(version);
	const name = textOf(system['Name']) ?? '';
	const os = (someTextOf(system['OSType']) ?? someTextOf(release['Os']) ?? '').toLowerCase();
	const kind = listOf(release['Components']).some(component => textOf(recordOf(component)['Name']) === 'Podman Engine') ? 'podman' : 'docker';
	return {
		id: someTextOf(system['ID']) ?? name,
		name,
		kind,
		version: someTextOf(release['Version']) ?? textOf(system['ServerVersion']) ?? '',
		apiVersion,
		// Every Docker for Linux that speaks our oldest version has it built in; Podman takes `version=2` and ignores it.
		hasBuildKit: kind === 'docker' && os !== 'windows',
		imageStore: usesContainerd(system['DriverStatus']) ? 'containerd' : textOf(system['Driver']) ?? '',
		os,
		architecture: someTextOf(release['Arch']) ?? textOf(system['Architecture']) ?? '',
	};
}

function usesContainerd(driverStatus: unknown): boolean {
	return listOf(driverStatus).some(pair => textsOf(pair).some(text => text.startsWith('io.containerd.snapshotter')));
}
