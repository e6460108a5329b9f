import { DrawnTree } from '../../src/platform/drawnTree';
import type { TreeModel } from '../../src/platform/tree';

/** A view that draws a model as the editor does, with everything open that nobody closed. */
export class DrawnView<N extends object> {
	/** The nodes that are drawn, by the ids of their rows. */
	readonly nodes = new Map<string, N>();
	private readonly changed: (N | undefined)[] = [];
	private readonly told: (N | undefined)[] = [];
	private readonly closed = new Set<N>();
	private readonly tree: DrawnTree<N>;

	constructor(private readonly model: Pick<TreeModel<N>, 'children' | 'row' | 'onDidChange'>) {
		this.tree = new DrawnTree(model, node => { this.told.push(node); });
		model.onDidChange(node => { this.changed.push(node); });
	}

	async draw(parent?: N): Promise<void> {
		for (const node of await this.tree.children(parent)) {
			const { id, expand } = this.tree.row(node);
			this.nodes.set(id, node);
			if (expand !== 'leaf') {
				await this.draw(node);
			}
		}
	}

	close(id: string): void {
		const node = this.nodes.get(id)!;
		this.closed.add(node);
		this.tree.fold(node, false);
	}

	/** Reads what is below a node, as the editor does to find a node there, and draws nothing. */
	async lookBelow(parent?: N): Promise<void> {
		await this.tree.reveal(async () => { await this.tree.children(parent); });
	}

	/** The object that is drawn of a node, whichever object that is. */
	known(node: N): N {
		return this.tree.known(node);
	}

	/** What is drawn anew after what the model told of, by its labels. */
	async follow(isSeen = true): Promise<readonly string[]> {
		for (const node of this.changed.splice(0)) {
			await this.tree.update(node, isSeen);
		}
		const told = this.told.splice(0);
		for (const node of told) {
			if (node !== undefined) {
				this.tree.row(node);
			}
			if (node === undefined || !this.closed.has(node)) {
				await this.draw(node).catch(() => undefined);
			}
		}
		return told.map(node => node === undefined ? 'all' : this.model.row(node).label);
	}
}
