package org.patronvault.privacy.disclosure;

import org.patronvault.testing.OpenVault;

final class CaseStoreOnPostgresTest extends CaseStoreContract {
    @Override
    OpenVault fresh() {
        return OpenVault.onPostgres();
    }
}
