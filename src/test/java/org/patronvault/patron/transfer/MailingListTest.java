package org.patronvault.patron.transfer;

import org.patronvault.testing.OpenVault;

/** {@link MailingListContract} on SQLite. */
final class MailingListTest extends MailingListContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
