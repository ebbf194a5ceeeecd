package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** The contract of a rebuild of the search index, on every database. */
abstract class IndexRebuildContract {
    private static final int DESKS = LongRun.times(2, 4);
    private static final int PATRONS = LongRun.times(30, 60);

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
    void everyPatronHasFortyEntriesUnderTheNewKeysAndTheOldOnesAreRetired() throws SQLException {
        PatronId changed = find("N7").get(0);
        vault.patch(changed, 1, "{'phone':['203-555-0111']}");
        erase(find("N8").get(0));
        assertThat(count("search_index")).isEqualTo((PATRONS + 1) * 40L);
        List<String> before = labels();

        Operation ended = rebuild();

        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended.failed()).isZero();
        assertThat(ended.done()).isEqualTo(PATRONS - 1).isEqualTo(ended.total());
        assertThat(versions()).isEqualTo(new IndexVersions(IndexVersions.Stage.DROPPED, 2, 0));
        assertThat(count("search_index")).isEqualTo((PATRONS - 1) * 40L);
        assertThat(count("search_index_next")).isZero();
        assertThat(labels()).doesNotContainAnyElementsOf(before);
        for (String key : List.of("index-label", "index-value")) {
            assertThat(status(key)).containsExactly("1 retired 0", "2 primary " + (PATRONS - 1) * 40);
        }
        for (int n = 1; n <= PATRONS; n++) {
            assertThat(find("N" + n)).hasSize(n == 8 ? 0 : 1);
        }
        assertThat(find("203-555-0111")).containsExactly(changed);
    }

    @Test
    void patronsStayOfTheirVersionAndAreOpenedForReindexBeforeTheyAreWrittenTwentyAtATime() {
        PatronId one = find("N3").get(0);
        long from = vault.logSize();
        rebuild();
        assertThat(vault.patch(one, 1, "{'email':['new@example.org']}").version())
                .isEqualTo(2);
        assertThat(find("new@example.org")).containsExactly(one);
        int opened = 0;
        int written = 0;
        for (AccessEvent event : vault.logSince(from)) {
            if (event.act() == ActKind.ROTATE && !event.subjects().isEmpty()) {
                assertThat(event.purpose()).contains(Purpose.REINDEX);
                assertThat(event.about()).contains("search");
                assertThat(event.subjects()).hasSizeLessThanOrEqualTo(20);
                boolean writes = event.outcome() == Outcome.WRITTEN;
                assertThat(event.subjects())
                        .allSatisfy(s -> assertThat(s.fields())
                                .isEqualTo(
                                        writes
                                                ? java.util.Set.of(PatronField.LABELS, PatronField.META)
                                                : java.util.Set.of(
                                                        PatronField.CARD,
                                                        PatronField.NAME,
                                                        PatronField.PHONE,
                                                        PatronField.EMAIL)));
                opened += writes ? 0 : event.subjects().size();
                written += writes ? event.subjects().size() : 0;
                assertThat(written).isLessThanOrEqualTo(opened);
            }
        }
        assertThat(opened).isEqualTo(PATRONS);
        assertThat(written).isEqualTo(PATRONS);
    }

    @Test
    void indexIsRebuiltAgainAndAgain() throws SQLException {
        for (int version = 2; version <= 4; version++) {
            assertThat(rebuild().state()).isEqualTo(Operation.DONE);
            assertThat(versions()).isEqualTo(new IndexVersions(IndexVersions.Stage.DROPPED, version, 0));
            assertThat(count("search_index")).isEqualTo(PATRONS * 40L);
        }
        PatronId one = find("N9").get(0);
        vault.patch(one, 1, "{'email':['again@example.org']}");
        assertThat(find("again@example.org")).containsExactly(one);
        assertThat(find("n9@example.org")).isEmpty();
        erase(one);
        assertThat(find("N9")).isEmpty();
        assertThat(status("index-label"))
                .containsExactly("1 retired 0", "2 retired 0", "3 retired 0", "4 primary " + (PATRONS + 1) * 40);
    }

    @Test
    void secondRebuildIsRefusedWhileOneRuns() {
        Operation first = begin();
        assertThatThrownBy(this::begin)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.OPERATION_RUNNING));
        assertThat(vault.vault().operations().await(first.id()).state()).isEqualTo(Operation.DONE);
    }

    @Test
    void searchesAndWritesOfEveryKindGoOnMeanwhileAndAreRight() throws Exception {
        AtomicBoolean rebuilding = new AtomicBoolean(true);
        ExecutorService desks = Executors.newFixedThreadPool(DESKS);
        try {
            List<Future<Integer>> work = new ArrayList<>();
            for (int desk = 0; desk < DESKS; desk++) {
                Callable<Integer> acts = new Desk(desk, rebuilding);
                work.add(desks.submit(acts));
            }
            for (int i = 0; i < LongRun.times(1, 2); i++) {
                assertThat(rebuild().state()).isEqualTo(Operation.DONE);
            }
            rebuilding.set(false);
            for (Future<Integer> one : work) {
                assertThat(one.get()).isGreaterThan(5);
            }
        } finally {
            rebuilding.set(false);
            desks.shutdown();
        }
        assertThat(count("search_index_next")).isZero();
        for (int n = 1; n <= PATRONS; n++) {
            assertThat(find("N" + n)).hasSize(1);
        }
    }

    /** A desk with patrons of its own, and what it knows of them: every answer must be that. */
    private final class Desk implements Callable<Integer> {
        private final int number;
        private final AtomicBoolean open;
        private final Random random;
        private final Map<String, PatronId> cards = new HashMap<>();
        private final Map<PatronId, String> emails = new HashMap<>();
        private final Map<PatronId, Long> versions = new HashMap<>();
        private final List<String> gone = new ArrayList<>();
        private int made;

        private Desk(int number, AtomicBoolean open) {
            this.number = number;
            this.open = open;
            this.random = new Random(number);
        }

        @Override
        public Integer call() {
            int acts = 0;
            while (open.get() || acts < LongRun.times(10, 20)) {
                act(random.nextInt(cards.size() < 3 ? 1 : 6));
                int imported = 1 + random.nextInt(PATRONS);
                assertThat(find("N" + imported)).hasSize(1);
                acts++;
            }
            cards.forEach((card, id) -> assertThat(find(card)).as(card).containsExactly(id));
            gone.forEach(term -> assertThat(find(term)).as(term).isEmpty());
            assertThat(find(phone())).containsExactlyInAnyOrderElementsOf(cards.values());
            return acts;
        }

        private String phone() {
            return "203-555-01" + (50 + number);
        }

        private void act(int kind) {
            switch (kind) {
                case 0 -> register();
                case 1 -> changeEmail();
                case 2 -> replaceCard();
                case 3 -> erase();
                case 4 -> changeAddress();
                default -> look();
            }
        }

        private void register() {
            String card = "D" + number + "R" + made++;
            String email = card + "@desk.example";
            PatronId id = vault.register("'card':'" + card + "','name':{'family':'F'},'phone':['" + phone()
                    + "'],'email':['" + email + "']");
            cards.put(card, id);
            emails.put(id, email);
            versions.put(id, 1L);
        }

        private String any() {
            List<String> all = cards.keySet().stream().sorted().toList();
            return all.get(random.nextInt(all.size()));
        }

        private void look() {
            String card = any();
            PatronId id = cards.get(card);
            assertThat(find(card)).containsExactly(id);
            assertThat(find(emails.get(id))).containsExactly(id);
            if (!gone.isEmpty()) {
                assertThat(find(gone.get(random.nextInt(gone.size())))).isEmpty();
            }
        }

        private void changeEmail() {
            PatronId id = cards.get(any());
            String email = "c" + made++ + "@desk" + number + ".example";
            versions.put(
                    id,
                    vault.patch(id, versions.get(id), "{'email':['" + email + "']}")
                            .version());
            gone.add(emails.put(id, email));
            assertThat(find(email)).containsExactly(id);
        }

        private void changeAddress() {
            PatronId id = cards.get(any());
            versions.put(
                    id,
                    vault.patch(id, versions.get(id), "{'address':{'line1':'" + made++ + " St'}}")
                            .version());
        }

        private void replaceCard() {
            String card = any();
            PatronId id = cards.get(card);
            String next = "D" + number + "C" + made++;
            versions.put(
                    id,
                    vault.patrons()
                            .cardReplacement()
                            .replace(
                                    OpenVault.person("circulation"),
                                    Optional.of(id),
                                    () -> next,
                                    Optional.empty(),
                                    AuditLog.newRequest())
                            .version());
            cards.remove(card);
            cards.put(next, id);
            assertThat(find(next)).containsExactly(id);
        }

        private void erase() {
            String card = any();
            PatronId id = cards.remove(card);
            IndexRebuildContract.this.erase(id);
            gone.add(card);
            gone.add(emails.remove(id));
            assertThat(find(card)).isEmpty();
        }
    }

    private void erase(PatronId id) {
        vault.erase(id);
    }

    List<PatronId> find(String typed) {
        return vault.find(typed).hits().stream().map(Lookup.Hit::id).toList();
    }

    Operation begin() {
        return vault.begin("search");
    }

    Operation rebuild() {
        return vault.rotate("search");
    }

    IndexVersions versions() {
        return vault.vault().store().read(vault.patrons().indexRow()::at);
    }

    final List<String> status(String key) {
        return vault.vault().keyStatus().now().keys().stream()
                .filter(one -> one.field().equals(key))
                .flatMap(one -> one.versions().stream())
                .map(v -> v.version() + " " + v.state() + " " + v.values())
                .toList();
    }

    long count(String table) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    private List<String> labels() throws SQLException {
        List<String> labels = new ArrayList<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT label FROM search_index")) {
            while (row.next()) {
                labels.add(java.util.HexFormat.of().formatHex(row.getBytes(1)));
            }
        }
        return labels;
    }

    /** Numbers of patrons, for those who need them all. */
    static IntStream numbers() {
        return IntStream.rangeClosed(1, PATRONS);
    }
}
