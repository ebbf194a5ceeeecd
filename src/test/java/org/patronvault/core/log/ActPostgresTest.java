package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.Postgres;

/** The contract of an act on PostgreSQL, and a limit that two nodes share. */
final class ActPostgresTest extends ActContract {
    @Override
    StoreSettings fresh(Path emptyDirectory) {
        return new StoreSettings(Postgres.databaseWithTables(), 4);
    }

    /** The transaction fails at COMMIT. */
    @Override
    void failAtEnd() {
        Postgres.execute(
                vault.settings.jdbcUrl(),
                "CREATE FUNCTION at_end() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$BEGIN RAISE EXCEPTION 'at end'; END$$;"
                        + " CREATE CONSTRAINT TRIGGER at_end AFTER INSERT ON authority DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW WHEN (NEW.name = '" + AT_END + "') EXECUTE FUNCTION at_end()");
    }

    @Test
    void limitRacedByTwentyOnTwoNodesIsPassedExactly() throws Exception {
        long unused = acts.perform(registering(1));
        try (LogTestVault other = vault.another(directory.resolve("other"), vault.settings)) {
            TestActs there = new TestActs(other);
            AtomicInteger callers = new AtomicInteger();
            List<Optional<Problem>> ends = fromTwenty(() -> {
                TestActs node = callers.getAndIncrement() % 2 == 0 ? acts : there;
                return node.submit(TestActs.look(vault.reveal(1)).within(node.limit("opened", 7)));
            });
            assertThat(ends).filteredOn(Optional.empty()::equals).hasSize(7);
            assertThat(ends)
                    .filteredOn(Optional.of(Problem.REVEAL_LIMIT)::equals)
                    .hasSize(13);
            assertThat(there.counted("opened")).isEqualTo(7);
            assertThat(other.broken).isEmpty();
        }
        assertThat(vault.entries())
                .filteredOn(entry -> entry.event().outcome() == Outcome.DISCLOSED)
                .hasSize(7);
        // This node learns of the other node's last count with its own next act.
        unused = acts.perform(registering(2).within(tx -> acts.count(tx, "opened")));
        assertThat(acts.counted("opened")).isEqualTo(8);
    }
}
