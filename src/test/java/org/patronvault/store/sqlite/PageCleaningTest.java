package org.patronvault.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Rows;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.testing.LongRun;

/** Tests that deleted data is in no file any more, including the copies that SQLite leaves when it splits a page. */
final class PageCleaningTest {
    private static final int WINDOW = 16;
    private static final int AT_ONCE = 50;
    private static final int PATRONS = LongRun.times(1_000, 4_000);

    @TempDir
    private Path directory;

    private StoreSettings settings() {
        return StoreSettings.sqlite(directory.resolve("vault.db"));
    }

    /** Stores patrons under random numbers, equal in every run, so that pages are split everywhere. */
    private static List<List<ValueRow>> fill(Store store, int patrons) {
        Random random = new Random(11);
        List<List<ValueRow>> all = new ArrayList<>();
        for (int from = 0; from < patrons; from += AT_ONCE) {
            store.write(tx -> {
                for (int i = 0; i < AT_ONCE; i++) {
                    long id = random.nextLong();
                    all.add(Rows.values(id, 1));
                    tx.patrons().insert(Rows.patron(id, 1), all.get(all.size() - 1));
                }
                return all;
            });
        }
        return all;
    }

    private static void erase(Store store, List<List<ValueRow>> patrons) {
        store.write(tx -> {
            for (List<ValueRow> values : patrons) {
                assertThat(tx.patrons().erase(values.get(0).patron(), 1)).isTrue();
            }
            return patrons;
        });
    }

    /** Returns parts of their stored values that occur nowhere else. */
    private static Set<String> parts(List<List<ValueRow>> of) {
        Set<String> parts = new HashSet<>();
        of.forEach(values -> values.forEach(value -> {
            String text = text(value.envelope());
            for (int at = WINDOW; at + WINDOW <= text.length(); at += WINDOW) {
                parts.add(text.substring(at, at + WINDOW));
            }
        }));
        return parts;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private long places(Set<String> parts) throws IOException {
        long places = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String text = text(Files.readAllBytes(file));
                for (int at = 0; at + WINDOW <= text.length(); at++) {
                    places += parts.contains(text.substring(at, at + WINDOW)) ? 1 : 0;
                }
            }
        }
        return places;
    }

    private void assertSound(int patrons) throws SQLException {
        try (Connection connection = DriverManager.getConnection(settings().jdbcUrl());
                Statement statement = connection.createStatement()) {
            try (ResultSet result = statement.executeQuery("PRAGMA integrity_check")) {
                assertThat(result.getString(1)).isEqualTo("ok");
            }
            try (ResultSet result = statement.executeQuery("SELECT count(*) FROM patron")) {
                assertThat(result.getInt(1)).isEqualTo(patrons);
            }
        }
    }

    private void emptyTheLog() throws SQLException {
        try (Connection connection = DriverManager.getConnection(settings().jdbcUrl());
                Statement running = connection.createStatement()) {
            running.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    @Test
    void copiesOfCellsThatSqliteLeavesBehindAreOverwrittenAndNothingElse() throws Exception {
        try (Store store = Store.open(settings())) {
            assertThat(store.purge(5_000)).isTrue();
            List<List<ValueRow>> all = fill(store, PATRONS);
            List<List<ValueRow>> gone = all.subList(0, PATRONS / 2);
            erase(store, gone);
            emptyTheLog();
            assertThat(places(parts(gone))).as("what SQLite itself leaves").isPositive();

            assertThat(store.purge(5_000)).isTrue();

            assertThat(places(parts(gone))).isZero();
            Set<String> stay = parts(all.subList(PATRONS / 2, PATRONS));
            assertThat(places(stay)).isEqualTo(stay.size());
            assertSound(PATRONS / 2);
        }
    }

    @Test
    void whatAProcessThatDiedLeftIsOverwrittenByTheNext() throws Exception {
        List<List<ValueRow>> gone;
        try (Store store = Store.open(settings())) {
            gone = fill(store, PATRONS).subList(0, PATRONS / 2);
            erase(store, gone);
        }
        assertThat(places(parts(gone))).isPositive();
        try (Store store = Store.open(settings())) {
            assertThat(store.purgeRest()).isTrue();
            assertThat(places(parts(gone))).isZero();
            assertSound(PATRONS / 2);
        }
    }

    /** A file in which no page can be read. */
    private static final class Unreadable extends RandomAccessFile {
        private final AtomicInteger tries = new AtomicInteger();
        private final AtomicBoolean mended = new AtomicBoolean();

        Unreadable(Path file) throws IOException {
            super(file.toFile(), "rw");
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (length > 100 && !mended.get()) {
                tries.incrementAndGet();
                throw new IOException("Input/output error");
            }
            return super.read(bytes, from, length);
        }
    }

    @Test
    void pageThatCannotBeReadIsTriedOnceWithEachPurgeAndKeepsNoneFromBeingDone() throws Exception {
        List<List<ValueRow>> gone;
        try (Store store = Store.open(settings())) {
            gone = fill(store, PATRONS).subList(0, PATRONS / 2);
            erase(store, gone);
        }
        Path database = directory.resolve("vault.db");
        Unreadable file = new Unreadable(database);
        int pages = (int) (file.length() / 4_096);
        try (PageCleaning cleaning = new PageCleaning(
                database,
                file,
                SqliteSource.of(settings().jdbcUrl(), true),
                SqliteDialect.INSTANCE,
                new ReentrantLock())) {
            assertThat(cleaning.cleanRest()).isTrue();
            assertThat(file.tries.get()).isEqualTo(pages);
            assertThat(cleaning.clean(20_000)).isTrue();
            assertThat(file.tries.get()).isEqualTo(2 * pages);
            assertThat(places(parts(gone))).isPositive();
            file.mended.set(true);
            assertThat(cleaning.clean(20_000)).isTrue();
            assertThat(places(parts(gone))).isZero();
        }
        assertSound(PATRONS / 2);
    }

    @Test
    @Tag(LongRun.TAG)
    void whatWasOverwrittenIsNotWrittenAgainWithTheNextChangeOfSuchAPage() throws Exception {
        try (Store store = Store.open(settings())) {
            List<List<ValueRow>> gone = fill(store, PATRONS).subList(0, PATRONS / 2);
            erase(store, gone);
            assertThat(store.purge(5_000)).isTrue();
            Random random = new Random(12);
            for (int i = 0; i < 500; i++) {
                Rows.put(store, random.nextLong(), 1);
            }
            assertThat(places(parts(gone))).isZero();
            emptyTheLog();
            assertThat(places(parts(gone))).isZero();
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void pagesOfATransactionAfterOneThatWasUndoneAreSeenToo() throws Exception {
        try (Store store = Store.open(settings())) {
            assertThat(store.purge(5_000)).isTrue();
            assertThatThrownBy(() -> store.write(tx -> {
                        // More than the writer's cache holds, so that it is in the log before it is rolled back.
                        for (int i = 0; i < 260; i++) {
                            tx.idempotency().keep(Rows.random(32), Rows.random(32), Rows.random(1_000_000), 1);
                        }
                        throw new IllegalStateException("undone");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            List<List<ValueRow>> gone = fill(store, PATRONS).subList(0, PATRONS / 2);
            erase(store, gone);
            assertThat(store.purge(20_000)).isTrue();
            assertThat(places(parts(gone))).isZero();
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void nothingIsHarmedWhileOthersReadAndWrite() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Throwable> failed = new ArrayList<>();
        try (Store store = Store.open(settings())) {
            List<List<ValueRow>> all = fill(store, PATRONS);
            List<List<ValueRow>> stay = all.subList(PATRONS / 2, PATRONS);
            Thread cleaning = new Thread(() -> {
                while (!over.get()) {
                    boolean unused = store.purge(10) && store.purgeRest();
                }
            });
            Thread reading = new Thread(() -> {
                while (!over.get()) {
                    for (List<ValueRow> values : stay) {
                        int found = store.read(
                                        tx -> tx.patrons().find(values.get(0).patron()))
                                .orElseThrow()
                                .values()
                                .size();
                        assertThat(found).isEqualTo(values.size());
                    }
                }
            });
            for (Thread thread : List.of(cleaning, reading)) {
                thread.setUncaughtExceptionHandler((any, e) -> failed.add(e));
                thread.start();
            }
            for (int from = 0; from < PATRONS / 2; from += AT_ONCE) {
                erase(store, all.subList(from, from + AT_ONCE));
                Rows.put(store, -from - 1, 1);
            }
            over.set(true);
            cleaning.join();
            reading.join();
            assertThat(failed).isEmpty();
            assertThat(store.purge(5_000)).isTrue();
            assertThat(places(parts(all.subList(0, PATRONS / 2)))).isZero();
            assertSound(PATRONS / 2 + PATRONS / 2 / AT_ONCE);
        }
    }

    @Test
    void whoIsInterruptedWhileItCleansOrWritesBreaksNothing() throws Exception {
        try (Store store = Store.open(settings())) {
            List<List<ValueRow>> all = fill(store, 100);
            List<Throwable> failed = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int patron = i;
                Thread thread = new Thread(() -> {
                    Thread.currentThread().interrupt();
                    erase(store, all.subList(patron, patron + 1));
                    boolean unused = store.purge(0) && store.purgeRest();
                });
                thread.setUncaughtExceptionHandler((any, e) -> failed.add(e));
                thread.start();
                thread.join();
            }
            assertThat(failed).isEmpty();
            assertThat(store.purge(5_000)).isTrue();
            assertThat(places(parts(all.subList(0, 50)))).isZero();
            assertSound(50);
        }
    }

    @Test
    void largeValuesOnPagesOfTheirOwnStayAsTheyAre() throws Exception {
        try (Store store = Store.open(settings())) {
            byte[] large = Rows.random(60_000);
            store.write(tx -> tx.idempotency().keep(Rows.random(32), Rows.random(32), large, 1));
            assertThat(store.purge(5_000)).isTrue();
            Set<String> parts = new HashSet<>();
            for (int at = 0; at + WINDOW <= large.length; at += WINDOW) {
                parts.add(text(large).substring(at, at + WINDOW));
            }
            // A part is cut where one page ends and the next begins.
            assertThat(places(parts)).isGreaterThan(parts.size() - 20);
            assertSound(0);
        }
    }
}
