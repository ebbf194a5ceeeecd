package org.patronvault.audit;

import java.nio.file.Path;

class LogSearchTest extends LogSearchContract {
    @Override
    TestVault vault(Path emptyDirectory) {
        return TestVault.createIn(emptyDirectory);
    }
}
