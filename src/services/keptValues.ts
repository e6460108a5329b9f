/** Where small things of a workspace are kept; the shape of `vscode.Memento`. */
export interface KeptValues {
	get(key: string): unknown;
	update(key: string, value: unknown): PromiseLike<void>;
}
