export function findDocker(): Promise<string>;
export function findBuildx(configuration: string): Promise<string>;
export function installBuildx(): Promise<string>;
