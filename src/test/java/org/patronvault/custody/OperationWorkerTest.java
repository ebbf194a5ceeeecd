package org.patronvault.custody;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.patronvault.audit.AuditLog;
import org.patronvault.custody.OperationProbe.Stage;
import org.patronvault.keys.KeyState;
import org.patronvault.testing.OpenVault;

/** Tests of an operation when a lower layer fails. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class OperationWorkerTest {
    private OpenVault vault;
    private Operations operations;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        vault.register("'card':'W1','name':{'family':'Doe'},'phone':['203-555-0143']");
    }

    @AfterEach
    void close() {
        if (operations != null) {
            operations.close();
        }
        vault.close();
    }

    /** A rotation of {@code phone}, at each place of which that is done. */
    private Operation rotated(Consumer<Stage> at) {
        operations = new Operations(
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().access(),
                vault.vault().log(),
                vault.clock(),
                System::nanoTime,
                (stage, operation) -> at.accept(stage));
        return rotated();
    }

    private Operation rotated() {
        Rotations rotations = new Rotations(
                operations,
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().log(),
                vault.patrons());
        Operation begun = rotations
                .begin(OpenVault.person("custodian"), "phone", 0, Optional::empty, AuditLog.newRequest())
                .get(0);
        return operations.await(begun.id());
    }

    private KeyState state(int version) {
        return vault.vault().custody().keys().inventory().stream()
                .filter(key -> key.name().equals("phone") && key.version() == version)
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void rotationWhoseRingCannotBeWrittenAtItsEndIsTriedAgainUntilItCan() {
        Path inTheWay = vault.home().keys().resolve("ring.json.new/in-the-way");
        AtomicInteger ends = new AtomicInteger();

        Operation ended = rotated(stage -> {
            if (stage == Stage.ENDING) {
                make(inTheWay, ends.incrementAndGet() == 1);
            }
        });

        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ends).hasValue(2);
        assertThat(state(1)).isEqualTo(KeyState.RETIRED);
    }

    private static void make(Path directory, boolean there) {
        try {
            if (there) {
                Files.createDirectories(directory);
            } else {
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void errorInTheWorkEndsItFailedAndTheKeyCanBeRotatedAgain() {
        AtomicInteger tries = new AtomicInteger();
        Operation ended = rotated(stage -> {
            if (stage == Stage.PREPARING && tries.incrementAndGet() == 1) {
                throw new OutOfMemoryError("as if");
            }
        });
        assertThat(ended.state()).isEqualTo(Operation.FAILED);

        assertThat(rotated().state()).isEqualTo(Operation.DONE);
        assertThat(state(1)).isEqualTo(KeyState.RETIRED);
    }
}
