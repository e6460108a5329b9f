/** The drawing as a file of its own: what the page's style gives is written into each shape. */
export function exportedSvg(svg: SVGSVGElement, title: string): string {
	const copy = svg.cloneNode(true) as SVGSVGElement;
	const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')];
	const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
	originals.forEach((original, at) => {
		const made = copies[at]!;
		for (const name of ['class', 'tabindex', 'role', 'aria-label', 'data-key']) {
			made.removeAttribute(name);
		}
		const style = getComputedStyle(original);
		for (const name of ['fill', 'stroke', 'stroke-width', 'fill-opacity', 'font-size', 'font-family'] as const) {
			const isText = original.tagName === 'text';
			const isShape = isText || original.tagName === 'rect' || original.tagName === 'line';
			if (isShape && (isText || !name.startsWith('font'))) {
				// An address of the page would lead nowhere in a file.
				made.setAttribute(name, style.getPropertyValue(name).replace(/url\("[^"]*(#[^"]+)"\)/, 'url($1)'));
			}
		}
	});
	const background = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
	background.setAttribute('width', '100%');
	background.setAttribute('height', '100%');
	background.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
	const name = document.createElementNS('http://www.w3.org/2000/svg', 'title');
	name.textContent = title;
	copy.prepend(name, background);
	copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
	return new XMLSerializer().serializeToString(copy);
}
