import { join } from 'node:path';
import { credentialsFor } from '../core/engine/credentials';
import { parseReference } from '../core/image/reference';
import { BuildRunner } from './buildRunner';
import { installationKey } from './installationKey';
import { RecordStore } from './recordStore';
import { thisMachine } from './thisMachine';

/** What runs builds and remembers them, the same in the editor and at the command line. */
export interface BuildServices {
	readonly records: RecordStore;
	readonly runner: BuildRunner;
}

export interface BuildServicesWorld {
	/** The folder that is ours to keep things in; made when first written to. */
	readonly storageFolder: string;
	/** Records kept of each Dockerfile and target. */
	readonly mostRecords: number;
	readonly log: (message: string) => void;
}

export function createBuildServices({ storageFolder, mostRecords, log }: BuildServicesWorld): BuildServices {
	const records = new RecordStore({ folder: join(storageFolder, 'records'), mostKept: mostRecords, log });
	const runner = new BuildRunner({
		records,
		secretKey: installationKey(join(storageFolder, 'key')),
		credentials: references => credentialsFor(registriesOf(references), thisMachine()),
		log,
	});
	return { records, runner };
}

function registriesOf(references: readonly string[]): readonly string[] {
	return references.flatMap(reference => parseReference(reference)?.domain ?? []);
}
