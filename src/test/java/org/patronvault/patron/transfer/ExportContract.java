package org.patronvault.patron.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.change.Protection;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.transfer.format.CsvTerms;
import org.patronvault.patron.transfer.format.ExportFormat;
import org.patronvault.patron.transfer.format.FolioUsers;
import org.patronvault.patron.transfer.format.KohaCsv;
import org.patronvault.patron.transfer.format.PatronReader;
import org.patronvault.patron.transfer.format.VaultJsonl;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Skips;

/**
 * Tests that all patrons are exported from one vault, encrypted, and imported unchanged into another, for each
 * database.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ExportContract {
    private static final Caller DIRECTOR = OpenVault.person("director");
    private static final Actor ANOTHER = new Actor(Actor.Kind.STAFF, "another", "director", "NC");
    private static final Caller CLERK = OpenVault.person("circulation");
    private static final Optional<Approver> OFFICER =
            Optional.of(new Approver("p-privacy-officer", Approver.Origin.SAME_TERMINAL));
    private static final int MADE_UP = 230;
    private static final Path FOLIO = Path.of("../shared/data/folio-users.json");

    /** All data of one patron except the id, the generations, and the import fingerprint. */
    private record Held(
            PersonalData data,
            PatronAttributes attributes,
            boolean isProtected,
            Set<PatronField> set,
            Consents consents) {}

    private static Path keys;
    private static CmsRecipient recipient;

    @TempDir
    private Path directory;

    private OpenVault vault;
    private final Set<PatronId> leftOut = new HashSet<>();

    abstract OpenVault open();

    @BeforeAll
    void openVault(@TempDir Path certificates) throws IOException {
        keys = certificates;
        recipient = CmsRecipient.ofPem(
                Files.readAllBytes(OpenSsl.certificate(certificates, "next", "-newkey", "rsa:2048")),
                Clock.systemUTC());
        vault = open();
        vault.enrol(OpenVault.person("privacy-officer").actor(), ANOTHER);
        vault.patrons()
                .importer()
                .run(
                        OpenVault.person("admin"),
                        new MadeUpPatrons(5, MADE_UP, LocalDate.of(2026, 11, 24)),
                        false,
                        n -> {});
        PatronId kat = vault.register("'card':'X100','name':{'family':'=O\\u0027Sullivan','given':'+Katherine',"
                + "'middle':'-M','suffix':'Jr','preferred':'@Kat'},'address':{'line1':'=1437 South Elm St',"
                + "'line2':'Apt 4B','city':'New Canaan','region':'CT','postalCode':'06840','country':'US'},"
                + "'phone':['203-555-0143','+49 30 901820','555-0199 x12','1-145-639-8408'],"
                + "'email':['Kat@Example.org','=k@example.org','+k@example.org','-k@example.org'],"
                + "'expires':'2029-01-31','status':'blocked'");
        for (String card : List.of("X101", "X102", "X103")) {
            vault.patrons()
                    .cardReplacement()
                    .replace(CLERK, Optional.of(kat), () -> card, Optional.empty(), AuditLog.newRequest());
        }
        vault.say(kat, "newsletter", true);
        // By the link in a mail: no member of staff recorded that.
        assertThat(vault.patrons().consenting().unsubscribe(kat, "newsletter", 1, request()))
                .isTrue();
        vault.say(kat, "fundraising", true);
        protect(kat, new Protection.Request(Optional.of(true), Optional.empty(), Optional.empty()));
        PatronId gone = vault.register("'card':'X200','name':{'family':'Gone'}");
        vault.erase(gone);
        PatronId withdrawn = vault.register("'card':'X300','name':{'family':'Withdrawn'}");
        vault.say(withdrawn, "service", false);
        PatronId decoy = vault.register("'card':'X400','name':{'family':'Nobody'}");
        protect(decoy, new Protection.Request(Optional.empty(), Optional.of(true), Optional.empty()));
        leftOut.addAll(Set.of(withdrawn, decoy));
    }

    @AfterAll
    void close() {
        if (vault != null) {
            vault.close();
        }
    }

    private static byte[] request() {
        return AuditLog.newRequest();
    }

    private void protect(PatronId id, Protection.Request asked) {
        vault.patrons()
                .protection()
                .put(DIRECTOR, Optional.of(id), OptionalLong.empty(), asked, Optional.empty(), request());
    }

    private static Export.Request everybody(ExportFormat format) {
        return new Export.Request(format, recipient, Optional.empty());
    }

    private ExportReport export(Export.Request asked, Path to) throws IOException {
        return vault.patrons().export().write(DIRECTOR, OFFICER, asked, Files.newOutputStream(to), done -> {});
    }

    private Path decrypted(Path sealed) throws IOException {
        Path clear = directory.resolve("clear");
        assertThat(OpenSsl.decrypt(keys, "next", sealed, clear)).isZero();
        return clear;
    }

    private static Consent stated() {
        return new Consent(Consent.SERVICE, "2018-05", LocalDate.of(2026, 11, 24), "import", true);
    }

    private static Map<String, Held> held(OpenVault of) {
        Map<String, Held> held = new HashMap<>();
        List<StoredPatron> all = of.vault().store().read(tx -> {
            List<PatronId> ids = tx.patrons().idsAfter(Long.MIN_VALUE, 10_000);
            return List.copyOf(tx.patrons().findAll(ids).values());
        });
        for (StoredPatron one : all) {
            AccessEvent look = of.vault()
                    .log()
                    .event(DIRECTOR.actor(), ActKind.REVEAL, Outcome.DISCLOSED, request())
                    .forPurpose(Purpose.ACCOUNT_SERVICE)
                    .on(List.of(Subject.opened(one.id(), PatronField.personal())));
            AuditReceipt receipt = of.vault().log().record(look);
            PersonalData data = of.patrons()
                    .vault()
                    .open(one, PatronField.personal(), receipt, DIRECTOR.actor(), Purpose.ACCOUNT_SERVICE);
            PatronMeta facts = of.patrons().vault().facts(one);
            held.put(
                    data.card().orElseThrow(),
                    new Held(data, one.row().attributes(), facts.isProtected(), facts.set(), facts.consents()));
        }
        return held;
    }

    private ImportReport importInto(OpenVault other, Path clear) {
        ImportOptions terms = new ImportOptions(Optional.empty(), stated());
        try (PatronReader rows = VaultJsonl.open(clear, other.patrons().json(), terms)) {
            return other.patrons().importer().run(OpenVault.person("admin"), rows, false, n -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Held> expected() {
        Map<String, Held> expected = held(vault);
        expected.keySet().removeAll(Set.of("X300", "X400"));
        return expected;
    }

    @Test
    void everyPatronIsInAnotherVaultAsHeIsHere() throws IOException {
        Path sealed = directory.resolve("out.p7m");
        ExportReport report = export(everybody(ExportFormat.VAULT_JSONL), sealed);
        assertThat(report.toJson().toString())
                .startsWith("{\"exported\":" + (MADE_UP + 1) + ",")
                .contains("\"leftOut\":{\"withdrawn\":1,\"decoys\":1,\"notAllowed\":0},\"losses\":{},\"problems\":[]");
        Path clear = decrypted(sealed);
        assertThat(Files.readString(clear)).doesNotContain("Withdrawn", "Nobody", "Gone");
        try (OpenVault other = OpenVault.onSqlite()) {
            ImportReport in = importInto(other, clear);
            assertThat(in.toJson().path("created").asLong()).isEqualTo(MADE_UP + 1);
            assertThat(in.toJson().path("dropped")).isEmpty();
            assertThat(held(other)).isEqualTo(expected());
            assertThat(held(other).get("X103").data().cards()).contains(List.of("X103", "X102", "X101", "X100"));
            assertThat(other.find("X101", Set.of(PatronField.NAME)).hits())
                    .singleElement()
                    .satisfies(hit -> assertThat(hit.match()).isEqualTo("inactive-card"));
            assertThat(importInto(other, clear).toJson().path("unchanged").asLong())
                    .isEqualTo(MADE_UP + 1);
        }
    }

    @Test
    void everyPatronIsInAKohaFileButForWhatTheReportNames() throws IOException {
        Path sealed = directory.resolve("out.p7m");
        ExportReport report = export(everybody(ExportFormat.KOHA_CSV), sealed);
        assertThat(report.losses())
                .containsEntry("formerCards", 1L)
                .containsEntry("protected", 1L)
                .containsEntry("consents", MADE_UP + 1L)
                .containsKey("suffix");
        ImportOptions terms = new ImportOptions(Optional.empty(), stated());
        try (OpenVault other = OpenVault.onSqlite();
                PatronReader rows = KohaCsv.open(
                        decrypted(sealed),
                        CsvTerms.PLAIN,
                        terms,
                        other.patrons().json())) {
            other.patrons().importer().run(OpenVault.person("admin"), rows, false, n -> {});
            Map<String, Held> came = held(other);
            Map<String, Held> expected = expected();
            assertThat(came).hasSameSizeAs(expected);
            came.forEach((card, one) -> {
                PersonalData was = expected.get(card).data();
                assertThat(one.data().card()).isEqualTo(was.card());
                assertThat(one.data().address()).isEqualTo(was.address());
                assertThat(one.data().phone()).isEqualTo(was.phone());
                assertThat(one.data().email()).isEqualTo(was.email());
                assertThat(one.data().name().orElseThrow().family())
                        .isEqualTo(was.name().orElseThrow().family());
                assertThat(one.data().name().orElseThrow().preferred())
                        .isEqualTo(was.name().orElseThrow().preferred());
                assertThat(one.attributes()).isEqualTo(expected.get(card).attributes());
            });
        }
    }

    @Test
    void eachPatronIsInTheLogBeforeTheFileAndTheCountAfter() throws IOException {
        long from = vault.logSize();
        export(everybody(ExportFormat.VAULT_JSONL), directory.resolve("out.p7m"));
        List<AccessEvent> events = vault.logSince(from).stream()
                .filter(event -> event.act() == ActKind.EXPORT)
                .toList();
        assertThat(events).allSatisfy(event -> {
            assertThat(event.purpose()).contains(Purpose.EXPORT);
            assertThat(event.second()).isEqualTo(OFFICER);
        });
        assertThat(events.get(1).about()).contains(Alert.UNUSUAL_PURPOSE.slug());
        List<AccessEvent> looks = events.stream()
                .filter(event -> event.outcome() == Outcome.DISCLOSED)
                .toList();
        Set<PatronId> logged = new HashSet<>();
        looks.forEach(look -> {
            assertThat(look.about()).contains(recipient.fingerprint());
            assertThat(look.fields()).isEqualTo(PatronField.personal());
            look.subjects()
                    .forEach(subject -> assertThat(logged.add(subject.patron())).isTrue());
        });
        assertThat(looks).hasSize((MADE_UP + 20) / 20);
        assertThat(logged).hasSize(MADE_UP + 1).doesNotContainAnyElementsOf(leftOut);
        AccessEvent last = events.get(events.size() - 1);
        assertThat(last.outcome()).isEqualTo(Outcome.COUNTED);
        assertThat(last.count()).hasValue(MADE_UP + 1);
    }

    @Test
    void onlyThatLibrarysPatronsLeaveIfOneIsNamed() throws IOException {
        PatronId west = vault.register("'card':'W900','library':'W-9','name':{'family':'West'}");
        try {
            ExportReport report = export(
                    new Export.Request(ExportFormat.VAULT_JSONL, recipient, Optional.of("W-9")),
                    directory.resolve("out.p7m"));
            assertThat(report.toJson().path("libraries").toString()).isEqualTo("{\"W-9\":1}");
            assertThat(report.toJson().path("leftOut").path("decoys").asLong()).isZero();
        } finally {
            vault.erase(west);
        }
        assertThatThrownBy(() -> new Export.Request(ExportFormat.VAULT_JSONL, recipient, Optional.of("../x")))
                .isInstanceOf(Refused.class);
    }

    @Test
    void whoCannotBeReadIsNamedAndTheOthersLeave() throws Exception {
        PatronId spoilt = vault.register("'card':'S900','name':{'family':'Spoilt'}");
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE cell SET generation = 7 WHERE field = 'phone' AND patron = " + spoilt.number());
            try {
                ExportReport report = export(everybody(ExportFormat.VAULT_JSONL), directory.resolve("out.p7m"));
                assertThat(report.exported()).isEqualTo(MADE_UP + 1);
                assertThat(report.unreadable()).isEqualTo(1);
                assertThat(report.toJson().path("problems").toString())
                        .isEqualTo("[{\"patron\":\"" + spoilt + "\",\"field\":\"row\",\"what\":\"unreadable\"}]");
            } finally {
                statement.execute(
                        "UPDATE cell SET generation = 1 WHERE field = 'phone' AND patron = " + spoilt.number());
            }
        }
        vault.erase(spoilt);
    }

    @Test
    void exportThatBreaksOffIsOpenedByNobodyAndIsInTheLog() throws IOException {
        Path cut = directory.resolve("cut.p7m");
        AtomicLong left = new AtomicLong(30_000);
        OutputStream full = new java.io.FilterOutputStream(Files.newOutputStream(cut)) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                if (left.addAndGet(-length) < 0) {
                    throw new IOException("no space left on device");
                }
                out.write(bytes, from, length);
            }
        };
        long from = vault.logSize();
        assertThatThrownBy(() -> vault.patrons()
                        .export()
                        .write(DIRECTOR, OFFICER, everybody(ExportFormat.VAULT_JSONL), full, done -> {}))
                .isInstanceOf(UncheckedIOException.class);
        assertThat(OpenSsl.decrypt(keys, "next", cut, directory.resolve("clear")))
                .isNotZero();
        List<AccessEvent> events = vault.logSince(from);
        assertThat(events.get(events.size() - 1).outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    void whoeverThePolicyDoesNotLetExportIsRefusedAndThatIsInTheLog() {
        for (String role : List.of("privacy-officer", "supervisor", "admin", "custodian", "circulation", "outreach")) {
            long from = vault.logSize();
            Caller caller = OpenVault.person(role);
            assertThatThrownBy(() -> vault.patrons()
                            .export()
                            .mayExport(caller, Optional.of(DIRECTOR.actor()), everybody(ExportFormat.KOHA_CSV)))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
            assertThat(vault.logSince(from)).anySatisfy(event -> {
                assertThat(event.act()).isEqualTo(ActKind.EXPORT);
                assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
            });
        }
    }

    @Test
    void directorAloneFilesItAndASecondWhoQualifiesGivesLeaveForExactlyThat() {
        Export export = vault.patrons().export();
        ApprovalGrant filed = export.mayExport(DIRECTOR, Optional.empty(), everybody(ExportFormat.VAULT_JSONL));
        assertThat(filed.filed())
                .hasValueSatisfying(approval -> assertThat(approval.sentence())
                        .contains("every patron", "vault-jsonl", recipient.fingerprint()));
        for (String role : List.of("admin", "custodian", "supervisor", "director")) {
            assertThatThrownBy(() -> export.mayExport(
                            DIRECTOR, Optional.of(OpenVault.person(role).actor()), everybody(ExportFormat.VAULT_JSONL)))
                    .as(role)
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.SECOND_PERSON_REQUIRED));
        }
        ApprovalGrant given = export.mayExport(
                DIRECTOR,
                Optional.of(OpenVault.person("privacy-officer").actor()),
                everybody(ExportFormat.VAULT_JSONL));
        assertThat(given.second()).isEqualTo(OFFICER);
        assertThat(export.mayExport(DIRECTOR, Optional.of(ANOTHER), everybody(ExportFormat.KOHA_CSV))
                        .filed())
                .isEmpty();
    }

    /** Reads through another connection, which sees only committed entries. */
    private long entriesCommitted() {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM access_log")) {
            count.next();
            return count.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whenTheFirstOfAPageIsOpenedTheEntriesOfAllOfItAreCommitted() {
        long before = entriesCommitted();
        long[] atFirst = new long[1];
        new BulkDisclosure(vault.patrons().parts())
                .through(
                        vault.vault()
                                .log()
                                .event(DIRECTOR.actor(), ActKind.EXPORT, Outcome.DISCLOSED, request())
                                .forPurpose(Purpose.EXPORT),
                        PatronField.personal(),
                        new BulkDisclosure.Visitor() {
                            @Override
                            public boolean wants(PatronVault.VerifiedPatron patron) {
                                return true;
                            }

                            @Override
                            public void met(PatronVault.VerifiedPatron patron, PersonalData data) {
                                atFirst[0] = atFirst[0] == 0 ? entriesCommitted() : atFirst[0];
                            }

                            @Override
                            public void unreadable(PatronId patron) {
                                throw new AssertionError("all can be read");
                            }
                        },
                        passed -> {});
        assertThat(atFirst[0] - before).isGreaterThanOrEqualTo((MADE_UP + 3 + 19) / 20);
    }

    @Test
    void whoIsErasedWhileTheWalkGoesOnIsNotInTheFile() throws IOException {
        PatronId going = vault.register("'card':'E900','name':{'family':'Going'}");
        PatronContext parts = vault.patrons().parts();
        List<PatronId> met = new ArrayList<>();
        AccessEvent look = vault.vault()
                .log()
                .event(DIRECTOR.actor(), ActKind.EXPORT, Outcome.DISCLOSED, request())
                .forPurpose(Purpose.EXPORT);
        boolean[] gone = new boolean[1];
        new BulkDisclosure(parts)
                .through(
                        look,
                        PatronField.personal(),
                        new BulkDisclosure.Visitor() {
                            @Override
                            public boolean wants(PatronVault.VerifiedPatron patron) {
                                if (!gone[0]) {
                                    gone[0] = true;
                                    vault.erase(going);
                                }
                                return true;
                            }

                            @Override
                            public void met(PatronVault.VerifiedPatron patron, PersonalData data) {
                                met.add(patron.id());
                            }

                            @Override
                            public void unreadable(PatronId patron) {
                                throw new AssertionError("all can be read");
                            }
                        },
                        passed -> {});
        assertThat(met).hasSize(MADE_UP + 3).doesNotContain(going);
    }

    @Test
    void realPeoplesRecordsComeBackAsTheyWere() throws IOException {
        Skips.unless(Files.exists(FOLIO), "the shared file of FOLIO users is not here");
        ImportOptions terms = new ImportOptions(Optional.of("NC"), stated());
        try (OpenVault first = OpenVault.onSqlite();
                OpenVault second = OpenVault.onSqlite();
                PatronReader rows = FolioUsers.open(FOLIO, first.patrons().json(), terms)) {
            first.patrons().importer().run(OpenVault.person("admin"), rows, false, n -> {});
            Path sealed = directory.resolve("out.p7m");
            first.patrons()
                    .export()
                    .write(
                            DIRECTOR,
                            OFFICER,
                            everybody(ExportFormat.VAULT_JSONL),
                            Files.newOutputStream(sealed),
                            done -> {});
            importInto(second, decrypted(sealed));
            assertThat(held(second)).hasSizeGreaterThan(200).isEqualTo(held(first));
        }
    }
}
