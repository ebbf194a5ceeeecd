package org.patronvault.patron.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.testing.OpenVault;

/** Tests of many concurrent look-ups on a real PostgreSQL: each caller finds the right patron. */
final class RowReadsTest {
    private static final int PATRONS = 12;

    private static OpenVault vault;
    private static RowReads rows;
    private static List<PatronId> patrons;

    @BeforeAll
    static void open() {
        vault = OpenVault.onPostgres();
        rows = new RowReads(
                vault.vault().store(),
                new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow()));
        patrons = IntStream.range(0, PATRONS)
                .mapToObj(n -> vault.register("'card':'R" + n + "','name':{'family':'Family" + n + "'}"))
                .toList();
    }

    @AfterAll
    static void close() {
        if (vault != null) {
            vault.close();
        }
    }

    /** Asks all at once, while a lock on the tables that each reads lets none through. */
    private static <T> List<Future<T>> atOnce(List<Callable<T>> questions) throws SQLException {
        List<Thread> threads = new ArrayList<>();
        ExecutorService askers = Executors.newFixedThreadPool(questions.size(), work -> {
            threads.add(new Thread(work));
            return threads.get(threads.size() - 1);
        });
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE patron, search_index IN ACCESS EXCLUSIVE MODE");
            List<Future<T>> answers =
                    questions.stream().<Future<T>>map(askers::submit).toList();
            // One reader asks, and waits for the lock; the others wait for that reader.
            while (threads.stream()
                            .filter(one -> one.getState() == Thread.State.TIMED_WAITING)
                            .count()
                    < questions.size() - RowReads.TURNS) {
                Thread.onSpinWait();
            }
            connection.rollback();
            return answers;
        } finally {
            askers.shutdown();
        }
    }

    private static Callable<Optional<RowReads.OfCard>> card(String card) {
        return () -> rows.find(new IndexTerm(IndexTerm.TermClass.CARD, card));
    }

    private static Callable<Optional<StoredPatron>> id(PatronId id) {
        return () -> rows.find(id);
    }

    private static void write(String sql) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }

    @Test
    void eachFindsWhoseCardItIs() throws Exception {
        List<Callable<Optional<RowReads.OfCard>>> questions = new ArrayList<>();
        IntStream.range(0, PATRONS).forEach(n -> questions.add(card("R" + n)));
        questions.add(5, card("NOBODYS"));
        questions.add(card("R0"));
        List<Future<Optional<RowReads.OfCard>>> answers = atOnce(questions);
        assertThat(answers.get(5).get()).isEmpty();
        for (int n = 0; n <= PATRONS; n++) {
            RowReads.OfCard found = answers.get(n < 5 ? n : n + 1).get().orElseThrow();
            PatronId patron = patrons.get(n % PATRONS);
            assertThat(found.posting().patron()).isEqualTo(patron);
            assertThat(found.posting().former()).isFalse();
            assertThat(found.row().map(StoredPatron::id)).contains(patron);
        }
    }

    @Test
    void cardsOfPatronsWhoWereChangedAreFoundAmongOthers() throws Exception {
        for (int change = 1; change <= 5; change++) {
            for (int n = 0; n < change; n++) {
                vault.patch(patrons.get(4 + n), change - n, "{'name':{'given':'Given" + change + "'}}");
            }
        }
        List<Future<Optional<RowReads.OfCard>>> answers =
                atOnce(IntStream.range(0, PATRONS).mapToObj(n -> card("R" + n)).toList());
        for (int n = 0; n < PATRONS; n++) {
            RowReads.OfCard found = answers.get(n).get().orElseThrow();
            assertThat(found.posting().patron()).isEqualTo(patrons.get(n));
            assertThat(found.row().map(row -> row.row().indexGeneration()))
                    .contains(found.posting().indexGeneration());
        }
    }

    @Test
    void rowThatIsDamagedIsNobodyElses() throws Exception {
        PatronId damaged = patrons.get(3);
        write("UPDATE patron SET registered = 'never' WHERE id = " + damaged.number());
        try {
            List<Future<Optional<StoredPatron>>> answers =
                    atOnce(patrons.stream().map(RowReadsTest::id).toList());
            for (int n = 0; n < PATRONS; n++) {
                Future<Optional<StoredPatron>> answer = answers.get(n);
                if (n == 3) {
                    assertThatThrownBy(answer::get)
                            .isInstanceOf(ExecutionException.class)
                            .hasCauseInstanceOf(IntegrityException.class);
                } else {
                    assertThat(answer.get().map(StoredPatron::id)).contains(patrons.get(n));
                }
            }
        } finally {
            write("UPDATE patron SET registered = '2026-11' WHERE id = " + damaged.number());
        }
    }

    @Test
    void whoIsNotThereIsNotFoundAmongOthers() throws Exception {
        PatronId nobody = new PatronId(4711);
        List<Future<Optional<StoredPatron>>> answers =
                atOnce(List.of(id(patrons.get(0)), id(nobody), id(patrons.get(1)), id(patrons.get(0)), id(nobody)));
        assertThat(answers.get(0).get()).isPresent();
        assertThat(answers.get(1).get()).isEmpty();
        assertThat(answers.get(2).get().map(StoredPatron::id)).contains(patrons.get(1));
        assertThat(answers.get(3).get().map(StoredPatron::id)).contains(patrons.get(0));
        assertThat(answers.get(4).get()).isEmpty();
    }
}
