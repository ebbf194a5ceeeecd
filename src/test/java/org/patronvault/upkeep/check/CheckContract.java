package org.patronvault.upkeep.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests, for either store, of what the sweep does not report as damage. */
abstract class CheckContract {
    OpenVault vault;
    PatronId ann;
    PatronId bob;

    abstract OpenVault open();

    @BeforeEach
    void registerTwo() {
        vault = open();
        ann = vault.register("'card':'A1','name':{'family':'Ames'},'phone':['203-555-0101']");
        bob = vault.register("'card':'B1','name':{'family':'Bell'},'phone':['203-555-0102']");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    final Check.Report check() {
        return vault.vault().check().run(OpenVault.person("custodian"), Progress.UNSEEN);
    }

    /** If another node changes the keys just as the log is signed, the caller is told to try again. */
    private Check.Report checkOnceMoreIfBusy() {
        try {
            return check();
        } catch (Refused e) {
            assertThat(e.problem()).isEqualTo(Problem.BUSY);
            return check();
        }
    }

    final void erase(PatronId patron) {
        vault.erase(patron);
    }

    @Test
    void whatTheVaultItselfWroteIsAsItWasWrittenWhateverItWas() {
        vault.patch(ann, 1, "{'phone':['203-555-0199'],'name':{'family':'Ames-Lee'}}");
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(60), false, n -> {});
        PatronId cat = vault.register("'card':'C1','name':{'family':'Cole'}");
        PatronId dan = vault.register("'card':'D1','name':{'family':'Dahl'}");
        erase(cat);
        vault.merge(dan, bob);
        for (String name : List.of("all", "search", "log")) {
            assertThat(vault.rotate(name).state()).isEqualTo(Operation.DONE);
        }
        vault.vault()
                .rotations()
                .reencrypt(OpenVault.person("custodian"), "email", () -> 0, Optional::empty, AuditLog.newRequest())
                .forEach(one -> assertThat(
                                vault.vault().operations().await(one.id()).state())
                        .isEqualTo(Operation.DONE));
        long before = vault.logSize();
        Check.Report report = check();
        assertThat(report.listed()).isEmpty();
        assertThat(report.ok()).isTrue();
        assertThat(report.values()).isEqualTo(62 * 7);
        List<AccessEvent> entries = vault.logSince(before);
        assertThat(entries).hasSize(1);
        assertThat(entries.get(0).act()).isEqualTo(ActKind.CHECK);
        assertThat(entries.get(0).outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(entries.get(0).purpose()).contains(Purpose.CHECK);
        assertThat(entries.get(0).count()).isEqualTo(OptionalLong.of(62 * 7));
        assertThat(entries.get(0).subjects()).isEmpty();
    }

    @Test
    void whatIsWrittenMeanwhileIsNoFinding() throws Exception {
        vault.patrons()
                .importer()
                .run(OpenVault.person("admin"), new NumberedPatrons(LongRun.times(50, 600)), false, n -> {});
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService desk = Executors.newSingleThreadExecutor();
        Future<Integer> written = desk.submit(() -> {
            int writes = 0;
            while (!done.get()) {
                PatronId one = vault.register("'card':'W" + writes + "','name':{'family':'Wu'}");
                vault.patch(one, 1, "{'email':['w" + writes + "@example.org']}");
                if (writes % 2 == 0) {
                    erase(one);
                }
                writes++;
            }
            return writes;
        });
        for (int i = 0; i < LongRun.times(1, 8); i++) {
            assertThat(check().listed()).isEmpty();
        }
        Operation rebuild = vault.begin("search");
        while (vault.vault().operations().find(rebuild.id()).isRunning()) {
            assertThat(checkOnceMoreIfBusy().listed()).isEmpty();
        }
        done.set(true);
        assertThat(written.get()).isPositive();
        desk.shutdown();
        assertThat(check().listed()).isEmpty();
    }
}
