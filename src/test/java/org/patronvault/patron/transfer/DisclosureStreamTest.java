package org.patronvault.patron.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/**
 * Tests of a stream of ten thousand patrons to a sink that is slower than the disk. Each patron is in the log before it
 * leaves, in entries of at most twenty. The log is never further ahead of the sink than one page.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DisclosureStreamTest {
    private static final int PATRONS = 10_000;
    private static final int PAGE = 1_000;

    private OpenVault vault;

    @BeforeAll
    void importPatrons() {
        vault = OpenVault.onSqlite();
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
    }

    @AfterAll
    void close() {
        vault.close();
    }

    /** A sink that compares each patron it gets with the log. */
    private final class Sink implements BulkDisclosure.Visitor {
        private final AccessEvent look;
        private final IntConsumer taking;
        private final Set<PatronId> logged = new HashSet<>();
        private final Set<PatronId> taken = new HashSet<>();
        private long read = vault.logSize();
        private int entries;

        /** Does {@code taking} with each patron's number, from 1, before it is taken. */
        private Sink(AccessEvent look, IntConsumer taking) {
            this.look = look;
            this.taking = taking;
        }

        private void readLog() {
            for (AccessEvent event : vault.logSince(read)) {
                read++;
                if (Arrays.equals(event.request(), look.request())) {
                    entries++;
                    assertThat(event.outcome()).isEqualTo(Outcome.DISCLOSED);
                    assertThat(event.subjects()).hasSizeBetween(1, AccessEvent.MAX_SUBJECTS);
                    event.subjects().stream()
                            .map(Subject::patron)
                            .forEach(patron -> assertThat(logged.add(patron))
                                    .as("named once")
                                    .isTrue());
                }
            }
        }

        @Override
        public boolean wants(PatronVault.VerifiedPatron patron) {
            return true;
        }

        @Override
        public void met(PatronVault.VerifiedPatron patron, PersonalData data) {
            taking.accept(taken.size() + 1);
            if (!logged.contains(patron.id())) {
                readLog();
            }
            assertThat(logged).as("in the log before it leaves").contains(patron.id());
            assertThat(taken.add(patron.id())).as("taken once").isTrue();
            assertThat(data.cards()).isPresent();
        }

        @Override
        public void unreadable(PatronId patron) {
            throw new AssertionError("all can be read");
        }

        private void assertAheadByAPageAtMost() {
            readLog();
            assertThat(logged.size() - taken.size()).isBetween(0, PAGE);
        }
    }

    private AccessEvent look() {
        return vault.vault()
                .log()
                .event(OpenVault.person("director").actor(), ActKind.EXPORT, Outcome.DISCLOSED, AuditLog.newRequest())
                .forPurpose(Purpose.EXPORT);
    }

    private void stream(Sink sink) {
        new BulkDisclosure(vault.patrons().parts()).through(sink.look, PatronField.personal(), sink, passed -> {});
    }

    @Test
    void eachOfTenThousandIsInTheLogBeforeASlowSinkTakesItAndNobodyElseWaits() {
        PatronId other = vault.find("N1").hits().get(0).id();
        Sink[] slow = new Sink[1];
        slow[0] = new Sink(look(), number -> {
            if (number % 250 == 1) {
                // As long as this lasts the sink takes nothing.
                assertThat(CompletableFuture.supplyAsync(() -> vault.reveal(other))
                                .join()
                                .name())
                        .isPresent();
                slow[0].assertAheadByAPageAtMost();
            }
        });
        stream(slow[0]);
        assertThat(slow[0].taken).hasSize(PATRONS);
        slow[0].readLog();
        assertThat(slow[0].logged).isEqualTo(slow[0].taken);
        assertThat(slow[0].entries).isEqualTo(PATRONS / AccessEvent.MAX_SUBJECTS);
    }

    @Test
    void streamWhoseSinkBreaksHasLoggedAPageMoreAtMost() {
        Sink breaking = new Sink(look(), number -> {
            if (number == 2_500) {
                throw new IllegalStateException("the sink is full");
            }
        });
        assertThatThrownBy(() -> stream(breaking)).hasMessage("the sink is full");
        assertThat(breaking.taken).hasSize(2_499);
        breaking.assertAheadByAPageAtMost();
        assertThat(breaking.logged).containsAll(breaking.taken);
    }
}
