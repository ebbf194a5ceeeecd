package org.patronvault.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.patronvault.access.QuickAccess;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.app.Home;
import org.patronvault.app.OpenedHome;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.change.ConsentRecording;
import org.patronvault.patron.change.PatronPatch;
import org.patronvault.patron.check.PatronReindexing;
import org.patronvault.patron.erasure.Erasure;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.patron.erasure.Merge;
import org.patronvault.patron.erasure.PairwiseReset;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.upkeep.backup.Backup;
import org.patronvault.upkeep.backup.OpenedBackup;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.backup.Restore;
import org.patronvault.upkeep.leakage.Leakage;

/**
 * A whole vault, unsealed, with a database of its own and a clock that tests set. The first home of a JVM, and
 * its first on PostgreSQL, is made as {@code VaultFactory} makes one, but without a passphrase; the others are copies of it.
 */
public final class OpenVault implements AutoCloseable {
    private static final String ADMIN = "root";
    private static final String PASSWORD = "an early morning walk";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static Path prepared;
    private static Optional<OnPostgres> preparedOnPostgres = Optional.empty();

    /** A vault that nobody has open. */
    private record OnPostgres(Path home, String url) {}

    private final Home home;
    private final String jdbcUrl;
    private final TestClock clock;
    private VaultInstance vault;

    private OpenVault(Home home, String jdbcUrl, TestClock clock, VaultInstance vault) {
        this.home = home;
        this.jdbcUrl = jdbcUrl;
        this.clock = clock;
        this.vault = vault;
    }

    /** On a fresh SQLite file, under the shipped policy. */
    public static OpenVault onSqlite() {
        return under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8));
    }

    /** The same, under that policy. */
    public static OpenVault under(String policy) {
        Path directory = temporary();
        copy(prepared(), directory);
        Home home = new Home(directory);
        write(home, policy);
        TestClock clock = new TestClock();
        return new OpenVault(home, "jdbc:sqlite:" + home.database(), clock, open(home, clock));
    }

    private static void write(Home home, String policy) {
        try {
            Files.writeString(home.policy(), policy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts anew with that policy.yaml, which is in force then as long as there is no patron. */
    public void restartUnder(String policy) {
        vault.close();
        write(home, policy);
        vault = open(home, clock);
    }

    /** Unseals it, after somebody sealed it. */
    public void unseal() {
        OpenedKeys.open(vault.custody(), home.keys());
        vault.seal().begin(Actor.VAULT);
    }

    /** On a fresh database of a real PostgreSQL; skips the test where none can run. */
    public static OpenVault onPostgres() {
        OnPostgres like = preparedOnPostgres();
        Home home = new Home(temporary());
        copy(like.home(), home.directory());
        String url = Postgres.copyOf(like.url());
        lead(home, like.url(), url);
        TestClock clock = new TestClock();
        return new OpenVault(home, url, clock, open(home, clock));
    }

    private static synchronized OnPostgres preparedOnPostgres() {
        if (preparedOnPostgres.isEmpty()) {
            OpenVault first = onPostgres(Postgres.freshDatabase());
            first.vault.close();
            preparedOnPostgres = Optional.of(new OnPostgres(first.home.directory(), first.jdbcUrl));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(first.home.directory())));
        }
        return preparedOnPostgres.get();
    }

    /** Has a home lead to another database. */
    private static void lead(Home home, String from, String to) {
        try {
            String settings = Files.readString(home.settings());
            Files.writeString(home.settings(), settings.replace(from, to));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** On that database of a real PostgreSQL, in which there is no vault yet. */
    public static OpenVault onPostgres(String url) {
        Home home = new Home(temporary());
        home.create(new TestClock());
        copy(new Home(prepared()).keys(), home.keys());
        // That of another database.
        delete(home.keys().resolve("ledger"));
        TestClock clock = new TestClock();
        return new OpenVault(
                home, url, clock, OpenedHome.begin(home, keys(home, clock), Optional.of(url), ADMIN, PASSWORD, clock));
    }

    /** Another node on the same database and the same keys, with what this one has published. */
    public OpenVault another() {
        Home other = new Home(temporary());
        var unused = vault.log().publishedCheckpoint();
        copy(home.published(), other.published());
        try {
            for (Path shared : List.of(home.keys(), home.directory().resolve("policies"), home.policy())) {
                Files.createSymbolicLink(other.directory().resolve(shared.getFileName()), shared.toAbsolutePath());
            }
            Files.copy(home.settings(), other.settings());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OpenVault(other, jdbcUrl, clock, open(other, clock));
    }

    /** The same vault on another database URL that leads to the same database. */
    public OpenVault anotherBy(String url) {
        OpenVault other = another();
        other.whileStopped(() -> lead(other.home, jdbcUrl, url));
        return other;
    }

    private static synchronized Path prepared() {
        if (prepared == null) {
            prepared = temporary();
            Home home = new Home(prepared);
            home.create(new TestClock());
            TestClock clock = new TestClock();
            KeyCustody keys = OpenedKeys.create(home.keys(), "0123456789abcdef0123456789abcdef", clock);
            OpenedHome.begin(home, keys, Optional.empty(), ADMIN, PASSWORD, clock)
                    .close();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(prepared)));
        }
        return prepared;
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "open-vault");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            if (Files.isRegularFile(from)) {
                Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
                return;
            }
            Files.createDirectories(to);
            for (Path file : files.filter(f -> !f.equals(from)).toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a directory, or a file. */
    public static void delete(Path directory) {
        Home.delete(directory);
    }

    private static KeyCustody keys(Home home, TestClock clock) {
        return OpenedKeys.at(home.keys(), clock);
    }

    private static VaultInstance open(Home home, TestClock clock) {
        return OpenedHome.open(home, keys(home, clock), clock);
    }

    /** Stops the vault and starts it anew on the same home. */
    public void restart() {
        vault.close();
        vault = open(home, clock);
    }

    /** Stops the vault, destroys a key's version, and starts it anew. */
    public void destroy(String key, int version) {
        whileStopped(() -> OpenedKeys.destroy(home.keys(), key, version));
    }

    /** Stops the vault, does that, and starts it anew. */
    public void whileStopped(Runnable act) {
        vault.close();
        act.run();
        vault = open(home, clock);
    }

    /** Has an index of the database know nothing of rows that are there, as a bit that is another may. */
    public void hideFrom(String index, String table, String rows) {
        whileStopped(() -> runAll(List.of(
                "CREATE TABLE hidden AS SELECT * FROM " + table + " WHERE " + rows,
                "DELETE FROM " + table + " WHERE " + rows)));
        unseenBy(index, "INSERT INTO " + table + " SELECT * FROM hidden");
        whileStopped(() -> runAll(List.of("DROP TABLE hidden")));
    }

    /** Changes rows, while nobody serves it, without an index of the database being changed with them. */
    public void unseenBy(String index, String change) {
        whileStopped(() -> runUnseenBy(index, change));
    }

    /** The same of one that nobody serves. */
    public void runUnseenBy(String index, String change) {
        List<String> unknown = List.of(
                "CREATE TABLE hiding AS SELECT * FROM sqlite_schema WHERE name = '" + index + "'",
                "PRAGMA writable_schema = 1",
                "DELETE FROM sqlite_schema WHERE name = '" + index + "'");
        List<String> back = List.of(
                change,
                "PRAGMA writable_schema = 1",
                "INSERT INTO sqlite_schema SELECT * FROM hiding",
                "DROP TABLE hiding");
        // What a connection knows of the tables it knows from its beginning.
        List.of(unknown, back).forEach(this::runAll);
    }

    /** Runs those statements on the database file, over one connection. */
    public void runAll(List<String> statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Keeps what is in that directory of the home while nobody serves it. */
    public void keep(Path part, Path copy) {
        whileStopped(() -> copy(part, copy));
    }

    /** Stops the vault, puts that back which {@link #keep} kept, has it accepted, and starts it anew. */
    public void putBackAndAccept(Path part, Path copy) {
        accept(() -> putBack(part, copy), log -> {});
    }

    /** Stops the vault, does that, shows the log that is to be accepted, has it accepted, and starts the vault anew. */
    public void accept(Runnable act, Consumer<AuditLog> shown) {
        whileStopped(() -> {
            act.run();
            try (VaultInstance before = OpenedHome.before(home, keys(home, clock), clock)) {
                shown.accept(before.log());
                Actor by = person("custodian").actor();
                before.log()
                        .acceptance()
                        .accept(before.log().event(by, ActKind.ACCEPT, Outcome.KEY, AuditLog.newRequest()));
            }
        });
    }

    /** Copies a directory, or a file, as it is now. */
    public static void copyOf(Path part, Path copy) {
        copy(part, copy);
    }

    /** Puts a directory, or a file, back as it was kept. */
    public static void putBack(Path part, Path copy) {
        delete(part);
        copy(copy, part);
    }

    @Override
    public void close() {
        vault.close();
        delete(home.directory());
    }

    /** The vault. */
    public VaultInstance vault() {
        return vault;
    }

    /** Its use cases around patrons. */
    public Patrons patrons() {
        return vault.patrons();
    }

    /** Where its database is. */
    public String jdbcUrl() {
        return jdbcUrl;
    }

    /** Its home. */
    public Home home() {
        return home;
    }

    /** The clock it goes by. */
    public TestClock clock() {
        return clock;
    }

    /** The database behind the vault's back: what is written there is asked by no check and waits for no disk. */
    public Connection connect() {
        try {
            Connection connection = DriverManager.getConnection(jdbcUrl);
            if (jdbcUrl.startsWith("jdbc:sqlite:")) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("PRAGMA busy_timeout = 5000");
                    statement.execute("PRAGMA synchronous = OFF");
                }
            }
            CellView.add(connection);
            return connection;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A person acting in that role, whom no limit stops. */
    public static Caller person(String role) {
        return person(role, false);
    }

    /** A person acting in that role. */
    public static Caller person(String role, boolean limited) {
        Actor actor = new Actor(Actor.Kind.STAFF, "p-" + role, role, "NC");
        return new Caller(actor, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), limited);
    }

    /** Another system with one scope. */
    public static Caller client(String name, String scope) {
        Actor actor = new Actor(Actor.Kind.CLIENT, name, scope, "");
        return new Caller(actor, Set.of(scope), Optional.empty(), Optional.empty(), OptionalInt.empty(), false);
    }

    /** What JSON that is written with single quotes says. */
    public static JsonNode json(String singleQuoted) {
        try {
            return JSON.readTree(singleQuoted.replace('\'', '"'));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A patron to register, from {@link #json} without library, category and consent. */
    public PatronDraft draft(String singleQuoted) {
        JsonNode patron = json("{'library':'NC','category':'adult',"
                + "'consent':{'policy':'2018-05','given':'2026-11-24','channel':'desk'}," + singleQuoted + "}");
        return patrons().json().parse(patron);
    }

    /** Registers {@link #draft}, by circulation. */
    public PatronId register(String singleQuoted) {
        return patrons()
                .registration()
                .register(person("circulation"), draft(singleQuoted), Optional.empty(), AuditLog.newRequest())
                .id();
    }

    /** Changes the patron as of that version, by circulation. */
    public PatronPatch.Result patch(PatronId id, long version, String singleQuoted) {
        return patrons()
                .correction()
                .apply(
                        person("circulation"),
                        Optional.of(id),
                        OptionalLong.of(version),
                        () -> json(singleQuoted),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    /** Writes down, at the desk, that the patron said yes or no to the purpose. */
    public void say(PatronId id, String purpose, boolean given) {
        patrons()
                .consenting()
                .put(
                        person("circulation"),
                        Optional.of(id),
                        OptionalLong.empty(),
                        () -> new ConsentRecording.Input(purpose, given, "2018-05", "desk", Optional.empty()),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    /** Adds a client that asks whether cards are entitled. */
    public void addVendor(String name) {
        addClient(name, "entitlement");
    }

    /** Adds a client with that scope. */
    public void addClient(String name, String scope) {
        vault().access()
                .clients()
                .add(
                        Approvals.Requester.alone(person("admin").actor()),
                        name,
                        new ClientGrant(Set.of(scope), Set.of(), Set.of(), OptionalInt.of(10), "", Optional.empty()));
    }

    /** Has a vendor forget the patron, at the desk. */
    public PairwiseReset.Result forget(PatronId id, String vendor) {
        return patrons()
                .forgetting()
                .forget(
                        person("circulation"),
                        Optional.of(id),
                        OptionalLong.empty(),
                        () -> vendor,
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    /** What that vendor is told in place of the patron who has the card. */
    public String subject(String vendor, String card) {
        return check(client(vendor, "entitlement"), card, "ebooks").subject().orElseThrow();
    }

    /** What that client is told of the card. */
    public Entitlements.Answer check(Caller client, String card, String service) {
        return vault().privacy()
                .entitlements()
                .check(client, new Entitlements.Check(card, Optional.empty(), service), Optional.empty());
    }

    /** Erases the patron, by a supervisor. */
    public ErasureCertificate erase(PatronId id) {
        return patrons()
                .erasure()
                .erase(
                        Erasure.Requester.alone(person("supervisor")),
                        Optional.of(id),
                        Optional.empty(),
                        AuditLog.newRequest())
                .certificate()
                .orElseThrow();
    }

    /** Erases one field of the patron, by a supervisor. */
    public ErasureCertificate eraseField(PatronId id, String field) {
        return patrons()
                .erasure()
                .eraseField(
                        Erasure.Requester.alone(person("supervisor")),
                        Optional.of(id),
                        field,
                        Optional.empty(),
                        AuditLog.newRequest())
                .certificate()
                .orElseThrow();
    }

    /** Merges a patron into another, by a supervisor. */
    public Merge.Result merge(PatronId id, PatronId into) {
        return merge(person("supervisor"), id, into).merged().orElseThrow();
    }

    /** Has that person merge a patron into another. */
    public Merge.Answer merge(Caller by, PatronId id, PatronId into) {
        return patrons()
                .merge()
                .merge(
                        by,
                        Optional.of(id),
                        Optional.of(into.toString()),
                        Optional.empty(),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    /** Every personal field of the patron, revealed to circulation. */
    public PersonalData reveal(PatronId id) {
        return AuditLog.await(patrons()
                        .lookup()
                        .reveal(
                                person("circulation"),
                                Optional.of(id),
                                PatronField.personal(),
                                Optional.of(Purpose.ACCOUNT_SERVICE),
                                Optional.empty(),
                                AuditLog.newRequest()))
                .data();
    }

    /** Gives each an account in the role he or she acts in, which only an activation code opens. */
    public void enrol(Actor... people) {
        Approvals.Requester asking = Approvals.Requester.alone(person("admin").actor());
        Accounts accounts = QuickAccess.accounts(this);
        for (Actor one : people) {
            accounts.add(asking, one.name(), List.of(new Role(one.role())), "");
        }
    }

    /** Gives somebody of that name an account in those roles, and a password that costs little work. */
    public void employ(String name, String password, String... roles) {
        Approvals.Requester asking = Approvals.Requester.alone(person("admin").actor());
        List<Role> all = Stream.of(roles).map(Role::new).toList();
        QuickAccess.accounts(this).add(asking, name, all, "NC", password);
    }

    /** What circulation finds by what is typed into the one box, with every field revealed. */
    public Lookup.Result find(String typed) {
        return find(typed, PatronField.personal());
    }

    /** The same with those fields, and the name, as the policy shows it. */
    public Lookup.Result find(String typed, Set<PatronField> reveal) {
        SearchQuery query = SearchQuery.ofBox(
                Optional.of(typed), Optional.of(Purpose.ACCOUNT_SERVICE), Lookup.MAX_RESULTS, reveal, Optional.empty());
        return AuditLog.await(patrons().lookup().find(person("circulation"), query, AuditLog.newRequest()));
    }

    /** Begins to rotate what goes by that name, by a custodian. */
    public Operation begin(String name) {
        return vault.rotations()
                .begin(person("custodian"), name, 0, Optional::empty, AuditLog.newRequest())
                .get(0);
    }

    /** The same, and waits until it has ended. */
    public Operation rotate(String name) {
        return vault.operations().await(begin(name).id());
    }

    /** Begins to build the next version of the search index, as a rebuild does, and goes no further. */
    public void beginIndexVersion() {
        inUnit(tx -> {
            IndexVersions now = patrons().indexRow().at(tx);
            patrons().indexRow().put(tx, now, now.building(vault.custody().addIndexVersion()));
        });
    }

    /** Writes everybody, or the first so many, into the version that is being built; returns how many. */
    public int indexNext(int atMost) {
        PatronReindexing reindexing = patrons().reindexing();
        List<PatronId> ids = Arrays.stream(reindexing.everybody())
                .limit(atMost)
                .mapToObj(PatronId::new)
                .toList();
        PatronReindexing.PreparedBatch ready =
                reindexing.open(reindexing.announce(reindexing.due(ids).patrons()));
        inUnit(tx -> {
            if (!reindexing.write(tx, ready).notYet().isEmpty()) {
                throw new IllegalStateException("somebody was changed meanwhile");
            }
        });
        return ready.size();
    }

    /** Does {@code work} as one unit of the vault itself. */
    public void inUnit(Consumer<WriteTx> work) {
        AccessEvent event = vault.log().event(Actor.VAULT, ActKind.REGISTER, Outcome.WRITTEN, AuditLog.newRequest());
        vault.log().call(event, now -> {
            WriteTx tx = now.tx();
            work.accept(tx);
            return Decision.done(event);
        });
    }

    /** Measures what a thief would learn. */
    public Leakage leakage() {
        return new Leakage(vault.store(), vault.log(), vault.access());
    }

    /** Makes backups. */
    public Backup backup() {
        return new Backup(vault.store(), vault.custody(), vault.log(), vault.access(), home.directory());
    }

    /** Brings patrons back from backups. */
    public Restore restores() {
        return new Restore(
                vault.store(), vault.custody(), vault.log(), vault.access(), vault.patrons(), home.directory());
    }

    /** The database of a backup, opened and proved, in a new file beside the backup's directory. */
    public Path opened(Path backup) {
        Path file = backup.resolveSibling(backup.getFileName() + ".db");
        if (!Files.exists(file)) {
            OpenedBackup.write(
                    backup, vault.custody().keys(), file, Optional.empty(), Optional.empty(), Progress.UNSEEN);
        }
        return file;
    }

    /** What destructions work with, after waiting so many days. */
    public KeyDestruction.Parts destruction(int days) {
        return new KeyDestruction.Parts(
                vault.store(),
                vault.custody(),
                vault.access(),
                vault.log(),
                vault.operations(),
                new BackupRegister(vault.store(), vault.log(), vault.access()),
                vault.keyCopies(),
                home.node().resolve("destroy-waits"),
                days);
    }

    /** How many entries the log has. */
    public long logSize() {
        return vault.log().reader().size();
    }

    /** What the log says from entry {@code from} on. */
    public List<AccessEvent> logSince(long from) {
        List<AccessEvent> events = new ArrayList<>();
        LogReader reader = vault.log().reader();
        long size = reader.size();
        for (long at = from; at < size; at += LogReader.MAX_ENTRIES) {
            reader.entries(at, size).entries().forEach(entry -> events.add(entry.event()));
        }
        return events;
    }
}
