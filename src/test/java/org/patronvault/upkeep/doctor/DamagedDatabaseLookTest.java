package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.OpenVault;

/** Tests that a damaged database is a line of the doctor's report, and does not end it. */
final class DamagedDatabaseLookTest {
    private static final int PAGE = 4_096;

    @Test
    void damagedPagesAreSaidByBothLooks(@TempDir Path directory) throws Exception {
        Path copy = directory.resolve("vault.db");
        Path keys = directory.resolve("keys");
        try (OpenVault vault = OpenVault.onSqlite()) {
            vault.register("'card':'D1','name':{'family':'D'}");
            OpenVault.copyOf(vault.home().keys(), keys);
            vault.whileStopped(() -> copy(vault.home().database(), copy));
        }
        Supplier<StoreSettings> settings = () -> StoreSettings.sqlite(copy);
        assertThat(new DatabaseLook(settings).look()).allMatch(line -> line.verdict() == Doctor.Verdict.FINE);
        try (RandomAccessFile file = new RandomAccessFile(copy.toFile(), "rw")) {
            // All but the tables' names, so that it opens.
            file.seek(2 * PAGE);
            file.write(new byte[(int) file.length() - 2 * PAGE]);
        }
        assertThat(new DatabaseLook(settings).look())
                .singleElement()
                .satisfies(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG));
        assertThat(new LedgerLook(settings, keys).line().verdict()).isEqualTo(Doctor.Verdict.WRONG);
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
