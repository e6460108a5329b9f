import assert from 'node:assert/strict';
import { isRpmDatabase, readRpmLog, rpmCommand } from '../../../src/core/rebuild/rpmChange';

describe('packages changed through rpm', () => {
	const built = '2024-05-01T09:00:00+0000 SUBDEBUG Installed: bash-5.1.8-6.el9.x86_64\n';

	it('are those that the log of dnf names after the image was made', () => {
		const change = readRpmLog('dnf', built, [
			built, '2024-05-01T10:00:00+0000 INFO --- logging initialized ---', '2024-05-01T10:00:01+0000 SUBDEBUG Installed: tree-1.8.0-10.el9.x86_64',
			'2024-05-01T10:00:01+0000 SUBDEBUG Upgrade: openssl-1:3.0.7-25.el9.x86_64', '2024-05-01T10:00:02+0000 SUBDEBUG Upgraded: openssl-1:3.0.7-24.el9.x86_64',
			'2024-05-01T10:00:03+0000 SUBDEBUG Installed: only-for-now-1-1.noarch', '2024-05-01T10:00:04+0000 SUBDEBUG Erase: only-for-now-1-1.noarch', '2024-05-01T10:00:05+0000 SUBDEBUG Erase: vim-9-1.el9.x86_64',
			'2024-05-01T10:00:06+0000 SUBDEBUG Installed: $(reboot)', '',
		].join('\n'));
		assert.deepEqual(change, { program: 'dnf', installed: ['tree-1.8.0-10.el9.x86_64', 'openssl-1:3.0.7-25.el9.x86_64'], removed: ['vim-9-1.el9.x86_64'] });
		assert.equal(rpmCommand(change), 'dnf -y install tree-1.8.0-10.el9.x86_64 openssl-1:3.0.7-25.el9.x86_64 && dnf -y remove vim-9-1.el9.x86_64 && dnf clean all');
	});

	it('are told by yum and zypper in their own ways', () => {
		assert.deepEqual(readRpmLog('yum', '', 'May 01 10:00:00 Installed: 1:nginx-1.20.1-10.el7.x86_64\nMay 01 10:00:01 Erased: vi-7-1.x86_64\n'),
			{ program: 'yum', installed: ['nginx-1.20.1-10.el7.x86_64'], removed: ['vi-7-1.x86_64'] });
		const zypper = readRpmLog('zypper', '', '# 2024-01-01 12:00:00 tree-1.8 installed ok\n2024-01-01 12:00:00|command|root@host|\'zypper\' \'in\' \'tree\'|\n2024-01-01 12:00:01|install|tree|1.8.0-1.2|x86_64|root@host|oss|abc|\n');
		assert.equal(rpmCommand(zypper), 'zypper --non-interactive install tree-1.8.0-1.2.x86_64 && zypper clean --all');
	});

	it('are not known where the log was rotated, or says nothing', () => {
		for (const log of ['2024-06-01T10:00:01+0000 SUBDEBUG Installed: tree-1.8.0-10.el9.x86_64\n', built]) {
			const change = readRpmLog('dnf', built, log);
			assert.deepEqual([change, rpmCommand(change)], [{ program: undefined, installed: [], removed: [] }, undefined]);
		}
	});

	it('show in the database, wherever and whatever it is', () => {
		assert.ok(['/var/lib/rpm/rpmdb.sqlite', '/usr/lib/sysimage/rpm/Packages.db', '/var/lib/rpm/Packages'].every(isRpmDatabase));
		assert.ok(!['/var/lib/rpm/rpmdb.sqlite-shm', '/var/lib/rpm/.rpm.lock', '/srv/Packages'].some(isRpmDatabase));
	});
});
