package org.patronvault.patron.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.ValueCodec;
import org.patronvault.patron.change.Registration;
import org.patronvault.patron.check.PatronReencryption;
import org.patronvault.search.Phones;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests of a write sealed before a rotation or re-encryption and committed after it, and of a write in between. */
final class WriteAcrossRotationTest {
    private static OpenVault vault;
    private static PatronContext parts;
    private static PatronWriter writer;

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
        EncryptedIndex index =
                new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
        parts = new PatronContext(
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().log(),
                vault.vault().access(),
                vault.patrons().indexRow(),
                index,
                new RowReads(index),
                vault.patrons().vault(),
                new Phones("US"),
                new SequentialCardDetector(System::nanoTime),
                vault.clock());
        writer = new PatronWriter(parts);
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    @Test
    void newPatronHangsOnTheNewVersionsAndOpens() {
        PatronDraft draft = NumberedPatrons.draft(1);
        PatronRow row = row(Registration.newId(), 1, draft);
        PatronWriter.PreparedPatron prepared = writer.prepare(draft, row, "kim");
        rotateAll();
        Subject written = write(tx -> writer.insert(tx, prepared));
        assertThat(written.writes()).hasSize(PatronField.values().length);
        assertAllUnderPrimary();
        assertThat(vault.reveal(row.id()).phone()).contains(draft.phone());
    }

    @Test
    void changedValuesHangOnTheNewVersionsAndOpen() {
        PatronId id = vault.register("'card':'W1','name':{'family':'Before'},'phone':['203-555-0111']");
        StoredPatron stored = parts.find(id).orElseThrow();
        PatronMeta facts = parts.vault().facts(stored);
        PatronDraft draft = NumberedPatrons.draft(2);
        PatronMeta withEmail = new PatronMeta(
                PatronField.personal(),
                false,
                false,
                facts.generations(),
                facts.consents(),
                facts.forgotten(),
                facts.importFingerprint());
        PatronRow row = row(id, 2, draft);
        PatronWriter.Change change = writer.prepare(
                stored,
                facts,
                row,
                Map.of(
                        PatronField.NAME,
                        ValueCodec.name(draft.name()),
                        PatronField.EMAIL,
                        ValueCodec.list(draft.email())),
                withEmail,
                PatronTerms.of(List.of("W1"), Optional.of(draft.name()), List.of("+12035550111"), draft.email()));
        rotateAll();
        write(tx -> writer.update(tx, change));
        assertAllUnderPrimary();
        assertThat(vault.reveal(id).name()).contains(draft.name());
        assertThat(vault.find("n2@example.org").hits()).hasSize(1);
    }

    @Test
    void changeStandsOnTheGenerationsThatReencryptionRaisedMeanwhile() {
        PatronId id = vault.register("'card':'W2','name':{'family':'Before'},'phone':['203-555-0112']");
        StoredPatron stored = parts.find(id).orElseThrow();
        PatronMeta facts = parts.vault().facts(stored);
        PatronDraft draft = NumberedPatrons.draft(3);
        PatronWriter.Change change = writer.prepare(
                stored,
                facts,
                row(id, 2, draft),
                Map.of(PatronField.NAME, ValueCodec.name(draft.name())),
                facts,
                PatronTerms.of(List.of("W2"), Optional.of(draft.name()), List.of("+12035550112"), List.of()));
        vault.vault()
                .rotations()
                .reencrypt(OpenVault.person("custodian"), "all", () -> 0, Optional::empty, AuditLog.newRequest())
                .forEach(begun -> assertThat(
                                vault.vault().operations().await(begun.id()).state())
                        .isEqualTo("done"));
        write(tx -> writer.update(tx, change));
        assertThat(vault.reveal(id).name()).contains(draft.name());
        assertThat(vault.reveal(id).phone()).contains(List.of("+12035550112"));
        assertThat(vault.find("W2").hits()).hasSize(1);
        Map<PatronField, Long> generations =
                parts.vault().facts(parts.find(id).orElseThrow()).generations();
        assertThat(generations).containsEntry(PatronField.NAME, 3L).containsEntry(PatronField.PHONE, 2L);
    }

    @Test
    void reencryptionOverwritesNothingThatWasWrittenSinceItRead() {
        PatronReencryption reencryption = vault.patrons().reencryption();
        PatronId name = vault.register("'card':'W3','name':{'family':'Before'},'phone':['203-555-0113']");
        PatronId phone = vault.register("'card':'W4','name':{'family':'Before'},'phone':['203-555-0114']");
        PatronId gone = vault.register("'card':'W5','name':{'family':'Before'}");
        PatronReencryption.PreparedBatch ready = reencryption.open(PatronField.NAME, List.of(name, phone, gone));
        vault.patch(name, 1, "{'name':{'family':'After'}}");
        vault.patch(phone, 1, "{'phone':['203-555-0115']}");
        vault.erase(gone);
        AccessEvent event = parts.log().event(Actor.VAULT, ActKind.REENCRYPT, Outcome.WRITTEN, AuditLog.newRequest());
        parts.log().call(event, now -> Decision.done(event.on(reencryption.write(now.tx(), ready))));
        assertThat(vault.reveal(name).name().orElseThrow().family()).isEqualTo("After");
        assertThat(generation(name)).isEqualTo(2);
        assertThat(vault.reveal(phone).name().orElseThrow().family()).isEqualTo("Before");
        assertThat(vault.reveal(phone).phone()).contains(List.of("+12035550115"));
        assertThat(generation(phone)).isEqualTo(2);
        assertThat(parts.find(gone)).isEmpty();
    }

    private static long generation(PatronId id) {
        return parts.find(id)
                .orElseThrow()
                .value(PatronField.NAME)
                .orElseThrow()
                .generation();
    }

    private static PatronRow row(PatronId id, long version, PatronDraft draft) {
        return new PatronRow(
                id,
                version,
                version,
                new PatronAttributes(
                        draft.library(), draft.category(), Optional.empty(), draft.status(), parts.thisMonth()));
    }

    private static void rotateAll() {
        assertThat(vault.rotate("all").state()).isEqualTo("done");
    }

    private static void assertAllUnderPrimary() {
        Map<PatronField, Map<Integer, Long>> counts =
                parts.store().read(tx -> tx.wraps().countByKek());
        assertThat(counts)
                .hasSize(PatronField.values().length)
                .allSatisfy((field, versions) -> assertThat(versions.keySet())
                        .containsExactly(parts.vault().primaryVersion(field)));
    }

    private static Subject write(java.util.function.Function<org.patronvault.core.store.table.WriteTx, Subject> work) {
        AccessEvent event = parts.log().event(Actor.VAULT, ActKind.CHANGE, Outcome.WRITTEN, AuditLog.newRequest());
        Subject[] written = new Subject[1];
        parts.log().call(event, now -> {
            WriteTx tx = now.tx();
            written[0] = work.apply(tx);
            return Decision.done(event.on(List.of(written[0])));
        });
        return written[0];
    }
}
