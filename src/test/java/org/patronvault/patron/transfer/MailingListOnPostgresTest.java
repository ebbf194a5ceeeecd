package org.patronvault.patron.transfer;

import org.patronvault.testing.OpenVault;

/** {@link MailingListContract} on PostgreSQL. */
final class MailingListOnPostgresTest extends MailingListContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
