package org.patronvault.core.index;

import org.patronvault.testing.OpenVault;

/** {@link EncryptedIndexContract} on SQLite. */
final class EncryptedIndexTest extends EncryptedIndexContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
