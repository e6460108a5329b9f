import { execFile } from 'node:child_process';

/** `Name <email>` as git knows the person in a folder; empty where git is not there or knows nobody. */
export async function gitAuthor(folder: string | undefined): Promise<string> {
	const [name, email] = await Promise.all(['user.name', 'user.email'].map(key => gitConfig(key, folder)));
	return [name, email ? `<${email}>` : ''].filter(Boolean).join(' ');
}

function gitConfig(key: string, folder: string | undefined): Promise<string> {
	return new Promise(resolve => {
		execFile('git', ['config', '--get', key], { cwd: folder, timeout: 2000, windowsHide: true }, (failure, stdout) => {
			resolve(failure ? '' : stdout.trim());
		});
	});
}
