import assert from 'node:assert/strict';
import { installCommand, isPackageBookkeeping, packageChange, readApkInstalled, readApkWorld, readAutomatic, readDpkgStatus } from '../../../src/core/rebuild/packages';

const dpkg = (name: string, version: string, more = '', status = 'install ok installed'): string =>
	`Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: ${version}\n${more}Description: short\n and a long text\n\n`;

const before = dpkg('base-files', '12.4') + dpkg('old', '1.0') + dpkg('libc6', '2.36', 'Multi-Arch: same\n');
const after = dpkg('base-files', '12.4') + dpkg('libc6', '2.36', 'Multi-Arch: same\n')
	+ dpkg('nginx', '1.22.1-9+deb12u1', 'Depends: nginx-common (>= 1), libfake | libreal\nConffiles:\n /etc/nginx/nginx.conf 0123456789abcdef0123456789abcdef\n /etc/old fedcba9876543210fedcba9876543210 obsolete\n')
	+ dpkg('nginx-common', '1.22.1-9+deb12u1') + dpkg('reals', '2:3.0~rc1', 'Provides: libreal (= 3)\n') + dpkg('recommended', '0.1')
	+ dpkg('half', '1', '', 'deinstall ok config-files') + dpkg('bad; rm -rf /', '1') + dpkg('bad', '1 && x');

describe('packages installed with apt', () => {
	const change = packageChange('apt', readDpkgStatus(before), readDpkgStatus(after), name => readAutomatic('Package: nginx-common\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: reals\nAuto-Installed: 1\n\nPackage: recommended\nAuto-Installed: 1\n').has(name))!;

	it('are told from what only came with them; what nothing needs is named too', () => {
		assert.deepEqual(change.named.map(({ name }) => name), ['nginx', 'recommended']);
		assert.deepEqual(change.installed.map(({ name }) => name), ['nginx', 'nginx-common', 'reals', 'recommended']);
		assert.deepEqual(change.removed.map(({ name }) => name), ['old']);
	});

	it('are installed in their versions, and nothing is left behind', () => {
		assert.equal(installCommand(change), [
			'apt-get update \\', ' && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\', '      nginx=1.22.1-9+deb12u1 \\', '      recommended=0.1 \\',
			' && dpkg --purge --force-depends old \\', ' && apt-get clean \\', ' && rm -rf /var/lib/apt/lists/*',
		].join('\n'));
	});

	it('have the checksums of their configuration', () => {
		assert.deepEqual([...change.named[0]!.checksums.keys()], ['/etc/nginx/nginx.conf', '/etc/old']);
	});

	it('are nothing where nothing came, went or changed its version', () => {
		assert.equal(packageChange('apt', readDpkgStatus(before), readDpkgStatus(before), () => false), undefined);
	});
});

describe('packages installed with apk', () => {
	const musl = 'C:Q1\nP:musl\nV:1.2.4-r0\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl-x86_64.so.1\n\n';
	const installed = readApkInstalled(`${musl}P:curl\nV:8.4.0-r0\nD:so:libcurl.so.4 !old musl>=1\nF:usr/bin\nR:curl\na:0:0:755\nZ:Q1qUjFFJKHhnPbzDKW3cJ1gYRLTuI=\nF:etc\nR:curlrc\n\nP:libcurl\nV:8.4.0-r0\np:so:libcurl.so.4=4.8\nF:usr/lib\nR:libcurl.so.4\n\n`);
	const change = packageChange('apk', readApkInstalled(musl), installed, name => !readApkWorld('curl>8\n').has(name))!;

	it('are told by the world file, their files by the database', () => {
		assert.equal(installCommand(change), 'apk add --no-cache curl=8.4.0-r0');
		assert.deepEqual(change.installed.flatMap(({ files }) => files), ['/usr/bin', '/usr/bin/curl', '/etc', '/etc/curlrc', '/usr/lib', '/usr/lib/libcurl.so.4']);
		assert.deepEqual([...change.named[0]!.checksums], [['/usr/bin/curl', 'a948c5149287867 3dbcc329 6ddc275818 4 4b4ee2'.replaceAll(' ', '')]]);
	});
});

describe('the book-keeping of package managers', () => {
	it('is told from other files', () => {
		assert.deepEqual(['/var/lib/dpkg/status', '/var/lib/dpkg', '/etc/ld.so.cache', '/lib/apk/db/installed', '/var/log/apt/history.log'].filter(path => !isPackageBookkeeping(path)), []);
		assert.deepEqual(['/var/lib/dpkgx', '/var/log/nginx', '/etc/apt/sources.list', '/lib/apkx'].filter(isPackageBookkeeping), []);
	});
});
