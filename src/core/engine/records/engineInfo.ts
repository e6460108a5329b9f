import type { EngineDetails, EngineInfo } from '../engine';
import { countOf, instantOf, listOf, recordOf, someTextOf, textOf, textsOf } from './wire';

/** `GET /info` and `GET /version` together. */
export function engineInfo(info: unknown, version: unknown, apiVersion: string): EngineInfo {
	const system = recordOf(info);
	const release = recordOf(version);
	const name = textOf(system['Name']) ?? '';
	const os = (someTextOf(system['OSType']) ?? someTextOf(release['Os']) ?? '').toLowerCase();
	const kind = listOf(release['Components']).some(component => textOf(recordOf(component)['Name']) === 'Podman Engine') ? 'podman' : 'docker';
	return {
		// Podman gives another one each time that it is asked: where it keeps everything stays.
		id: kind === 'podman' ? `podman:${name}:${textOf(system['DockerRootDir']) ?? ''}` : someTextOf(system['ID']) ?? name,
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

/** `GET /info`. */
export function engineDetails(info: unknown): EngineDetails {
	const system = recordOf(info);
	const registries = recordOf(system['RegistryConfig']);
	const indexes = Object.entries(recordOf(registries['IndexConfigs']));
	return {
		operatingSystem: someTextOf(system['OperatingSystem']),
		kernel: someTextOf(system['KernelVersion']),
		cpus: countOf(system['NCPU']),
		memoryBytes: countOf(system['MemTotal']),
		rootFolder: someTextOf(system['DockerRootDir']),
		isRootless: textsOf(system['SecurityOptions']).some(option => option === 'name=rootless' || option.startsWith('name=rootless,')),
		registryMirrors: textsOf(registries['Mirrors']),
		insecureRegistries: [
			...textsOf(registries['InsecureRegistryCIDRs']),
			...indexes.flatMap(([name, index]) => recordOf(index)['Secure'] === false ? [name] : []),
		],
		images: countOf(system['Images']),
		containers: countOf(system['Containers']),
		runningContainers: countOf(system['ContainersRunning']),
		time: instantOf(system['SystemTime']),
		warnings: textsOf(system['Warnings']),
	};
}

function usesContainerd(driverStatus: unknown): boolean {
	return listOf(driverStatus).some(pair => textsOf(pair).some(text => text.startsWith('io.containerd.snapshotter')));
}
