const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Numbers as bars of text that stand on zero: one twice as high is twice as much. Nothing of fewer than two. */
export function sparkline(values: readonly number[]): string {
	const most = Math.max(...values);
	return values.length < 2 ? '' : values.map(value => bars[most <= 0 ? 0 : Math.max(0, Math.ceil(value / most * bars.length) - 1)]).join('');
}
