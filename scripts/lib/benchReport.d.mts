export function writeSection(name: string, text: string): Promise<void>;
