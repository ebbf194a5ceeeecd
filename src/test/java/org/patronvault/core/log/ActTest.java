package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.TestActs.Result;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.Problem;
import org.patronvault.core.store.sql.StoreSettings;

/** The contract of an act on SQLite, and a disk that is full. */
final class ActTest extends ActContract {
    @Override
    StoreSettings fresh(Path emptyDirectory) {
        return StoreSettings.sqlite(emptyDirectory.resolve("vault.db"));
    }

    @Override
    void failAtEnd() throws SQLException {
        try (Connection connection = DriverManager.getConnection(vault.settings.jdbcUrl());
                Statement statement = connection.createStatement()) {
            // Rows that carry authority are written last, after the log.
            int unused = statement.executeUpdate("CREATE TRIGGER at_end BEFORE INSERT ON authority WHEN NEW.name = '"
                    + AT_END + "' BEGIN SELECT RAISE(ABORT, 'at end'); END");
        }
    }

    @Test
    void transactionThatFindsTheDiskFullIsForgottenAsAWhole() throws Exception {
        vault.close();
        Path small = Files.createDirectories(directory.resolve("small"));
        String url = StoreSettings.sqlite(small.resolve("vault.db")).jdbcUrl() + "?max_page_count=70";
        vault = LogTestVault.create(LogTestVault.sharedKeys(), small, new StoreSettings(url, 2));
        acts = new TestActs(vault);
        long unused = acts.perform(registering(1));
        AccessEvent tooMuch = vault.register(9);
        List<CompletableFuture<Long>> ends =
                acts.together(List.of(registering(2), TestActs.deciding(tooMuch, (tx, entry) -> {
                    acts.count(tx, "all");
                    for (int patron = 10; patron < 2_000; patron++) {
                        LogTestVault.insert(tx, patron);
                    }
                    return Result.of(tooMuch);
                })));
        assertThat(ends).extracting(ActContract::problem).containsOnly(Optional.of(Problem.STORE_FULL));
        assertThat(acts.counted("all")).isEqualTo(1);
        assertRemembersWhatIsStored();
        assertThat(acts.perform(registering(3))).isEqualTo(vault.log.reader().size() - 1);
    }
}
