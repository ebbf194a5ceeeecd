package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** The contract of re-encryption under new DEKs, on every database. */
abstract class FieldReencryptionContract {
    static final int PATRONS = LongRun.times(25, 50);
    /** Where the commitment begins, which a DEK alone decides (format.md). */
    private static final int COMMITMENT_AT = 77;

    OpenVault vault;

    abstract OpenVault open();

    @BeforeEach
    void importPatrons() {
        vault = open();
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
    }

    @AfterEach
    void close() {
        if (vault != null) {
            vault.close();
        }
    }

    @Test
    void everyEmailHasANewDekAndTheNextGenerationAndNothingElseChanges() {
        assertSealedAgain(PatronField.EMAIL);
    }

    void assertSealedAgain(PatronField field) {
        Map<PatronId, StoredPatron> before = rows();
        int kek = vault.patrons().vault().primaryVersion(field);
        long from = vault.logSize();

        Operation ended = reencrypt(field.wireName());

        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(List.of(ended.done(), ended.total())).containsOnly((long) PATRONS);
        assertThat(ended.at()).isEmpty();
        assertThat(vault.patrons().vault().primaryVersion(field)).isEqualTo(kek);
        Map<PatronId, StoredPatron> after = rows();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        Map<PatronId, Subject> logged = logged(field, vault.logSince(from));
        after.forEach((id, now) -> {
            assertThat(now.row()).isEqualTo(before.get(id).row());
            for (PatronField one : PatronField.values()) {
                boolean renewed = one == field || one == PatronField.META;
                ValueRow was = before.get(id).value(one).orElseThrow();
                ValueRow is = now.value(one).orElseThrow();
                assertThat(is.generation()).isEqualTo(was.generation() + (renewed ? 1 : 0));
                assertThat(Arrays.equals(payload(is), payload(was))).isEqualTo(!renewed);
            }
            PatronMeta facts = vault.patrons().vault().facts(now);
            assertThat(facts.generations()).containsAllEntriesOf(generations(now));
            assertThat(logged.get(id).writes()).allSatisfy(write -> assertLogged(write, now));
        });
        List.of(1, 20, 21, PATRONS).forEach(this::assertOpens);
    }

    private static byte[] payload(ValueRow row) {
        return Arrays.copyOfRange(row.envelope(), COMMITMENT_AT, row.envelope().length);
    }

    private static Map<PatronField, Long> generations(StoredPatron stored) {
        Map<PatronField, Long> generations = new HashMap<>();
        stored.values().forEach((field, row) -> {
            if (field != PatronField.META) {
                generations.put(field, row.generation());
            }
        });
        return generations;
    }

    private void assertLogged(Subject.Write write, StoredPatron now) {
        ValueRow row = now.value(write.field()).orElseThrow();
        assertThat(write.generation()).isEqualTo(row.generation());
        if (write.field() != PatronField.META) {
            assertThat(write.rowHash())
                    .isEqualTo(vault.vault()
                            .custody()
                            .keys()
                            .fields()
                            .rowHash(write.field(), now.id(), row.generation(), new byte[0], row.envelope()));
        }
    }

    /** Returns the patrons that were written, each once. A personal field must be logged as opened before. */
    private static Map<PatronId, Subject> logged(PatronField field, List<AccessEvent> events) {
        Set<PatronId> opened = new HashSet<>();
        Map<PatronId, Subject> written = new HashMap<>();
        for (AccessEvent event : events) {
            assertThat(event.act()).isEqualTo(ActKind.REENCRYPT);
            assertThat(event.about()).contains(field.wireName());
            for (Subject subject : event.subjects()) {
                assertThat(event.purpose()).contains(Purpose.REINDEX);
                if (event.outcome() == Outcome.DISCLOSED) {
                    assertThat(subject.fields()).containsExactly(field);
                    opened.add(subject.patron());
                } else {
                    assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
                    assertThat(subject.fields()).containsOnly(field, PatronField.META);
                    assertThat(opened.contains(subject.patron())).isEqualTo(field.isPersonal());
                    assertThat(written.put(subject.patron(), subject)).isNull();
                }
            }
        }
        assertThat(written).hasSize(PATRONS);
        return written;
    }

    @Test
    void readsAndWritesGoOnMeanwhileAndNoWriteIsLost() throws Exception {
        AtomicBoolean working = new AtomicBoolean(true);
        ExecutorService desks = Executors.newFixedThreadPool(3);
        try {
            List<Future<Integer>> written = new ArrayList<>();
            for (int desk = 0; desk < 2; desk++) {
                String typed = "N" + (7 + desk);
                written.add(desks.submit(() -> {
                    PatronId id = find(typed);
                    int n = 0;
                    while (working.get() || n == 0) {
                        n++;
                        assertThat(vault.patch(
                                                id,
                                                n,
                                                "{'name':{'middle':'M" + n + "'},'email':['" + typed + "x" + n
                                                        + "@example.org']}")
                                        .version())
                                .isEqualTo(n + 1);
                    }
                    return n;
                }));
            }
            Future<Integer> reads = desks.submit(() -> {
                int n = 0;
                while (working.get()) {
                    assertOpens(20 + n++ % (PATRONS - 20));
                }
                return n;
            });
            for (String field : LongRun.ON ? List.of("name", "labels", "meta") : List.of("name", "meta")) {
                assertThat(reencrypt(field).state()).isEqualTo(Operation.DONE);
            }
            working.set(false);
            for (int desk = 0; desk < 2; desk++) {
                String typed = "N" + (7 + desk);
                int last = written.get(desk).get();
                Lookup.Hit hit =
                        vault.find(typed + "x" + last + "@example.org").hits().get(0);
                assertThat(hit.data().name().orElseThrow().middle()).isEqualTo("M" + last);
            }
            assertThat(reads.get()).isPositive();
        } finally {
            working.set(false);
            desks.shutdown();
        }
    }

    @Test
    void onlyACustodianMayAndOneOperationOfAKeyRunsAtATime() {
        assertThatThrownBy(() -> begin("supervisor", "phone", 0)).isInstanceOf(Refused.class);
        Operation slow = begin("custodian", "phone", 20).get(0);
        assertThatThrownBy(() -> begin("custodian", "all", 0))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.OPERATION_RUNNING));
        assertThatThrownBy(() -> vault.vault()
                        .rotations()
                        .begin(OpenVault.person("custodian"), "phone", 0, Optional::empty, AuditLog.newRequest()))
                .isInstanceOf(Refused.class);
        hurry(slow);
        assertThat(await(slow).state()).isEqualTo(Operation.DONE);
        assertThat(begin("custodian", "all", 0))
                .hasSize(PatronField.values().length)
                .allSatisfy(begun -> assertThat(await(begun).state()).isEqualTo(Operation.DONE));
    }

    Map<PatronId, StoredPatron> rows() {
        return vault.vault()
                .store()
                .read(tx -> tx.patrons().findAll(tx.patrons().idsAfter(Long.MIN_VALUE, 10 * PATRONS)));
    }

    PatronId find(String typed) {
        return vault.find(typed).hits().get(0).id();
    }

    void assertOpens(int n) {
        assertThat(vault.find("N" + n).hits()).singleElement().satisfies(hit -> {
            assertThat(hit.data().phone()).contains(NumberedPatrons.draft(n).phone());
            assertThat(hit.data().name()).contains(NumberedPatrons.draft(n).name());
        });
    }

    List<Operation> begin(String role, String name, int rate) {
        return vault.vault()
                .rotations()
                .reencrypt(OpenVault.person(role), name, () -> rate, Optional::empty, AuditLog.newRequest());
    }

    void hurry(Operation slow) {
        Operation unused =
                vault.vault().rotations().keepTo(OpenVault.person("custodian").actor(), slow.id(), 0);
    }

    Operation await(Operation begun) {
        return vault.vault().operations().await(begun.id());
    }

    Operation reencrypt(String name) {
        return await(begin("custodian", name, 0).get(0));
    }
}
