export function findSkopeo(): Promise<((args: readonly string[]) => Promise<string>) | undefined>;
