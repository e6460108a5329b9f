export function whyNotRootOnDebian(): Promise<string | undefined>;
