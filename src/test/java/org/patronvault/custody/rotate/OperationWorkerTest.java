package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.OperationProbe.Stage;
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
        operations = watched((stage, operation) -> at.accept(stage));
        return rotated();
    }

    private Operation rotated() {
        return operations.await(begin(rotations(), "phone").id());
    }

    private Rotations rotations() {
        return new Rotations(
                operations,
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().log(),
                vault.patrons());
    }

    private static Operation begin(Rotations rotations, String key) {
        return rotations
                .begin(OpenVault.person("custodian"), key, 0, Optional::empty, AuditLog.newRequest())
                .get(0);
    }

    private Operations watched(BiConsumer<Stage, Operation> at) {
        return new Operations(
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().access(),
                vault.vault().log(),
                vault.clock(),
                System::nanoTime,
                at::accept);
    }

    @Test
    void everythingThatAKillLeftIsTakenUpThoughARowIsWrittenBeforeItsTurn() {
        operations = watched((stage, operation) -> {
            if (stage == Stage.PREPARING) {
                throw new Refused(Problem.LOG_UNAVAILABLE, "Killed.", 60);
            }
        });
        Rotations killed = rotations();
        List<Operation> begun = List.of(begin(killed, "phone"), begin(killed, "name"));
        operations.close();
        AtomicReference<Rotations> next = new AtomicReference<>();
        AtomicInteger turns = new AtomicInteger();
        operations = watched((stage, operation) -> {
            if (stage == Stage.PREPARING && turns.getAndIncrement() == 0) {
                begun.stream()
                        .filter(other -> !other.id().equals(operation.id()))
                        .forEach(other ->
                                next.get().keepTo(OpenVault.person("custodian").actor(), other.id(), 0));
            }
        });
        next.set(rotations());
        operations.resume();

        List<Operation> ended =
                begun.stream().map(one -> operations.await(one.id())).toList();
        assertThat(ended).extracting(Operation::state).containsOnly(Operation.DONE);
        assertThat(ended).as("by this server").allMatch(operations::isHere);
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
