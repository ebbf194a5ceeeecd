package org.patronvault.patron;

import org.patronvault.testing.OpenVault;

/** On SQLite. */
final class MailingListTest extends MailingListContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
