import { isDeepStrictEqual } from 'node:util';
import type { Row, TreeModel } from './tree';

/**
 * What a view shows of a model. VS Code forgets all that is below a node while it draws that anew, and a command that is
 * chosen meanwhile gets no row: so of each change it is told only what reads otherwise. A node that stays gets the content
 * of its successor, since the view knows no other object.
 */
export class DrawnTree<N extends object> {
	private readonly rows = new WeakMap<N, Row>();
	/** By the ids of their rows. */
	private readonly nodes = new Map<string, N>();
	/** What is below a node that was opened (undefined: the roots); no list while the view waits for it. */
	private readonly below = new Map<N | undefined, { readonly list: readonly N[] | undefined }>();
	private readonly closed = new WeakSet<N>();
	private revealing = 0;
	/** Of what was read to reveal a node, what reads otherwise than it was drawn. */
	private readonly outdated = new Set<N>();

	constructor(
		private readonly model: Pick<TreeModel<N>, 'children' | 'row'>,
		/** Has the view draw a node and what is below it, or all. */
		private readonly draw: (node: N | undefined) => void,
	) {}

	/** The view draws a node, or one that it looks for in order to reveal it. */
	row(node: N): Row {
		const row = this.model.row(node);
		if (this.nodes.get(row.id) === node) {
			this.rows.set(node, row);
		}
		return row;
	}

	/** The view draws what is below a node. */
	async children(parent: N | undefined): Promise<readonly N[]> {
		const before = this.revealing > 0 ? this.rowsBelow(parent) : undefined;
		this.forget(parent);
		const drawing = { list: undefined };
		this.below.set(parent, drawing);
		const list = await this.model.children(parent);
		if (this.below.get(parent) === drawing) {
			this.below.set(parent, { list });
			for (const node of list) {
				const row = this.model.row(node);
				this.rows.set(node, row);
				this.nodes.set(row.id, node);
				const drawn = before?.get(row.id);
				if (drawn !== undefined && !readsAs(drawn, row)) {
					this.outdated.add(node);
				}
			}
		}
		return list;
	}

	/** The object that the view knows a node by. */
	known(node: N): N {
		return this.nodes.get(this.model.row(node).id) ?? node;
	}

	/** To find a node VS Code reads what is beside it, and does not draw that: what reads otherwise by then is drawn afterwards. */
	async reveal(work: () => Promise<void>): Promise<void> {
		this.revealing++;
		try {
			await work();
		} finally {
			this.revealing--;
			const outdated = [...this.outdated];
			this.outdated.clear();
			outdated.forEach(node => { this.redraw(node); });
		}
	}

	/** A person opened or closed a node: what is below a closed one is read when it opens. */
	fold(node: N, isOpen: boolean): void {
		this.closed[isOpen ? 'delete' : 'add'](node);
	}

	/** Has the view draw what reads otherwise of a node and what is below it, or of all. What nobody sees is not read for that. */
	async update(changed: N | undefined, isSeen: boolean): Promise<void> {
		const node = changed && this.nodes.get(this.model.row(changed).id);
		if (changed !== undefined) {
			if (node === undefined) {
				return;
			}
			become(node, changed);
		}
		await (isSeen ? this.compare(node) : this.redraw(node));
	}

	private async compare(node: N | undefined): Promise<void> {
		if (node !== undefined && !readsAs(this.rows.get(node), this.model.row(node))) {
			this.redraw(node);
			return;
		}
		const drawn = this.below.get(node);
		if (drawn === undefined && node !== undefined) {
			return;
		}
		if (drawn?.list === undefined || (node !== undefined && this.closed.has(node))) {
			this.redraw(node);
			return;
		}
		const { list } = drawn;
		const asked = { list };
		this.below.set(node, asked);
		const fresh = await this.read(node);
		if (this.below.get(node) !== asked) {
			// Asked or drawn again meanwhile, which knows better.
			return;
		}
		if (fresh?.length !== list.length || fresh.some((child, at) => this.model.row(child).id !== this.rows.get(list[at]!)?.id)) {
			this.redraw(node);
			return;
		}
		await Promise.all(list.map((child, at) => {
			become(child, fresh[at]!);
			return this.compare(child);
		}));
	}

	private redraw(node: N | undefined): void {
		this.forget(node);
		this.draw(node);
	}

	/** Undefined where that fails: the view, drawing it, says why. */
	private async read(parent: N | undefined): Promise<readonly N[] | undefined> {
		try {
			return await this.model.children(parent);
		} catch {
			return undefined;
		}
	}

	private rowsBelow(parent: N | undefined): ReadonlyMap<string, Row> {
		return new Map((this.below.get(parent)?.list ?? []).flatMap(node => this.rows.get(node) ?? []).map(row => [row.id, row]));
	}

	private forget(parent: N | undefined): void {
		const list = this.below.get(parent)?.list ?? [];
		this.below.delete(parent);
		for (const node of list) {
			this.forget(node);
			const id = this.rows.get(node)?.id ?? '';
			if (this.nodes.get(id) === node) {
				this.nodes.delete(id);
			}
		}
	}
}

function readsAs(drawn: Row | undefined, row: Row): boolean {
	return drawn !== undefined && isDeepStrictEqual({ ...drawn, uri: drawn.uri?.toString() }, { ...row, uri: row.uri?.toString() });
}

function become<N extends object>(node: N, next: N): void {
	if (node !== next) {
		Object.keys(node).filter(key => !(key in next)).forEach(key => Reflect.deleteProperty(node, key));
		Object.assign(node, next);
	}
}
