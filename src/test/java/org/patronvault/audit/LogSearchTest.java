package org.patronvault.audit;

import java.nio.file.Path;

class LogSearchTest extends LogSearchContract {
    @Override
    LogTestVault vault(Path emptyDirectory) {
        return LogTestVault.createIn(emptyDirectory);
    }
}
