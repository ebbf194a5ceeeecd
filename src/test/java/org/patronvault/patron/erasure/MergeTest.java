package org.patronvault.patron.erasure;

import org.patronvault.testing.OpenVault;

/** {@link MergeContract} on SQLite. */
final class MergeTest extends MergeContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
