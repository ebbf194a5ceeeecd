package org.patronvault.patron.erasure;

import org.patronvault.testing.OpenVault;

/** {@link MergeContract} on PostgreSQL. */
final class MergeOnPostgresTest extends MergeContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
