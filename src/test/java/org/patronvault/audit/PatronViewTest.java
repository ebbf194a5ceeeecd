package org.patronvault.audit;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class PatronViewTest extends PatronViewContract {
    @TempDir
    Path home;

    @Override
    TestVault open() {
        return TestVault.createIn(home);
    }
}
