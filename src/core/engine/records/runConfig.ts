import type { RunConfig } from '../runConfig';
import { environmentOf, numberOf, recordOf, someTextOf, textMapOf, textOf, textsOf } from './wire';

/** The `Config` of an image's or a container's inspect record (Engine API, ImageConfig and ContainerConfig). */
export function runConfig(inspected: unknown): RunConfig {
	const config = recordOf(recordOf(inspected)['Config']);
	const shell = textsOf(config['Shell']);
	return {
		env: environmentOf(config['Env']),
		user: textOf(config['User']) ?? '',
		workdir: textOf(config['WorkingDir']) ?? '',
		entrypoint: textsOf(config['Entrypoint']),
		command: textsOf(config['Cmd']),
		ports: Object.keys(recordOf(config['ExposedPorts'])).sort(),
		volumes: Object.keys(recordOf(config['Volumes'])).sort(),
		labels: textMapOf(config['Labels']),
		stopSignal: someTextOf(config['StopSignal']),
		shell: shell.length > 0 ? shell : undefined,
		onBuild: textsOf(config['OnBuild']),
		healthcheck: healthcheckOf(config['Healthcheck']),
	};
}

function healthcheckOf(value: unknown): RunConfig['healthcheck'] {
	const record = recordOf(value);
	const test = textsOf(record['Test']);
	return test.length === 0 ? undefined : {
		test,
		intervalMs: millisecondsOf(record['Interval']),
		timeoutMs: millisecondsOf(record['Timeout']),
		startPeriodMs: millisecondsOf(record['StartPeriod']),
		retries: numberOf(record['Retries']) || undefined,
	};
}

/** Go's nanoseconds; 0 says that the engine's own default holds. */
function millisecondsOf(value: unknown): number | undefined {
	const nanoseconds = numberOf(value);
	return nanoseconds === undefined || nanoseconds === 0 ? undefined : nanoseconds / 1e6;
}
