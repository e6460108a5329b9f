import { cause, directories, mostPaths, wastedBelow, type Part } from './causeParts';
import { isToolDirectory, isToolName, isToolPackage, packageOfList } from './causeRules';
import type { Cause } from './causes';
import type { LayerStack } from './layeredImage';
import { nameOf, nodeKind, noContent, type LayerIndex } from './layerIndex';
import { apkPackages } from './packageNames';
import type { Waste } from './waste';

/** Compilers, headers and static libraries that no later layer takes away, by layer. */
export function buildTools(stack: LayerStack, waste: Waste): readonly Cause[] {
	const ofApk = apkPackages(stack);
	return stack.flatMap((index, layer) => {
		const gone = new Set(waste.files.filter(file => file.addedIn === layer).map(file => file.path));
		const parts: Part[] = [];
		const packages = ofApk[layer]!.filter(isToolPackage);
		let hasTool = false;
		for (const [node, path] of directories(index, path => !isToolDirectory(path))) {
			if (isToolDirectory(path)) {
				const bytes = index.subtreeBytes[node]! - wastedBelow(waste, layer, [path]);
				if (bytes > 0) {
					parts.push({ path, bytes, files: index.subtreeFiles[node]! });
				}
				continue;
			}
			const [isPrograms, isLibraries, isDatabase] = [/\/s?bin$/.test(path), /^\/usr\/lib(?:\/[\w-]+-linux-[\w-]+)?$/.test(path), path === '/var/lib/dpkg/info'];
			for (const child of isPrograms || isLibraries || isDatabase ? filesIn(index, node) : []) {
				const name = nameOf(index, child);
				if (gone.has(`${path}/${name}`)) {
					continue;
				}
				const installed = isDatabase ? packageOfList(name) : undefined;
				if (installed !== undefined && isToolPackage(installed)) {
					packages.push(installed);
				}
				const isTool = isPrograms && isToolName(name);
				hasTool ||= isTool;
				if (isTool || (isLibraries && name.endsWith('.a'))) {
					const content = index.content[child]!;
					parts.push({ path: `${path}/${name}`, bytes: index.contentNode[content] === child ? index.contentSize[content]! : 0, files: 1 });
				}
			}
		}
		// Headers alone belong to many runtimes; it takes a tool, or a package for building, to be a tool chain.
		return (hasTool || packages.length > 0) && parts.length > 0 ? [{ ...cause('buildTools', layer, parts, 0), packages: packages.sort().slice(0, mostPaths) }] : [];
	});
}

/** Regular files right in a directory. */
function filesIn(index: LayerIndex, directory: number): readonly number[] {
	const files: number[] = [];
	for (let child = index.firstChild[directory]!; child < index.firstChild[directory + 1]!; child++) {
		if (index.kind[child] === nodeKind.file && index.content[child] !== noContent) {
			files.push(child);
		}
	}
	return files;
}
