/** The local bases of the samples, by the build argument that names each. */
export const sampleArguments: Readonly<Record<string, string>>;
export function debianImage(host: string): Promise<void>;
export function nodeImage(host: string): Promise<void>;
