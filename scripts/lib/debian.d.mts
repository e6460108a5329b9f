export function whyNotRootOnDebian(): Promise<string | undefined>;
export function unpacked(suite: string, name: string, packages: readonly string[]): Promise<string>;
