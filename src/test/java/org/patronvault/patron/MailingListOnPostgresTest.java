package org.patronvault.patron;

import org.patronvault.testing.OpenVault;

/** On PostgreSQL. */
final class MailingListOnPostgresTest extends MailingListContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
