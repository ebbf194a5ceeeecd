package org.patronvault.core.log.read;

import java.nio.file.Path;
import org.patronvault.core.log.LogTestVault;

class LogSearchTest extends LogSearchContract {
    @Override
    LogTestVault vault(Path emptyDirectory) {
        return LogTestVault.createIn(emptyDirectory);
    }
}
