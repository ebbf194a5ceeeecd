package org.patronvault.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.patronvault.access.account.Passwords;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.LogInitializer;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.AuthorityRows;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.Rows;
import org.patronvault.core.store.table.WriteTx;

/**
 * A vault for tests, with a real database and log, and with clocks that tests set. The key ring is made once for all
 * tests.
 */
public final class AccessTestVault implements AutoCloseable {
    public static final String PASSWORD = "a quiet reading room";
    public static final Instant MORNING = Instant.parse("2026-11-24T09:00:00Z");

    /** Enough for tests that are about something else than the time a guess takes. */
    private static final Argon2Parameters LITTLE_WORK = new Argon2Parameters(256, 1, 1);

    public final SetClock clock = new SetClock(MORNING);
    public final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final Path directory;
    private final StoreSettings database;
    private final Argon2Parameters passwordWork;
    private final Passwords.Hash hash;
    public final KeyCustody custody;

    /** Why the vault would have sealed itself and ended. */
    public final List<String> broken = new CopyOnWriteArrayList<>();

    /** The policy in force: the default one, until a test puts another there. */
    public final CurrentPolicy policy = new CurrentPolicy(PolicyFile.parse(PolicyFile.defaultText()));

    private Store store;
    private AuditLog log;
    private Access access;
    private boolean tampered;

    /** A new vault in an empty directory, with no account. */
    public AccessTestVault(Path directory) {
        this(directory, LITTLE_WORK);
    }

    /** A new vault on SQLite, with that much work for a password. */
    public AccessTestVault(Path directory, Argon2Parameters passwordWork) {
        this(directory, StoreSettings.sqlite(directory.resolve("vault.db")), passwordWork);
    }

    /** A new vault in an empty database, which other nodes may share. */
    AccessTestVault(Path directory, StoreSettings database) {
        this(directory, database, LITTLE_WORK);
    }

    private AccessTestVault(Path directory, StoreSettings database, Argon2Parameters passwordWork) {
        this.directory = directory;
        this.database = database;
        this.passwordWork = passwordWork;
        this.custody = keysIn(directory, clock);
        this.hash = new Passwords(custody, passwordWork).hash(PASSWORD);
        this.store = openStore();
        LogInitializer.create(store, custody, clock, directory.resolve("node"), "root");
        start();
    }

    /** Each vault has a ring of its own, since a ring remembers that commissioning is over. */
    public static KeyCustody keysIn(Path directory, Clock clock) {
        return OpenedKeys.create(directory.resolve("keys"), "access-test", clock);
    }

    /** The keys as another process would find them. */
    public KeyCustody reopenedKeys() {
        return OpenedKeys.at(directory.resolve("keys"), clock);
    }

    private Store openStore() {
        return Store.open(database);
    }

    private void start() {
        DurableFile.makeDirectory(directory.resolve("node"));
        DurableFile.makeDirectory(directory.resolve("published"));
        log = AuditLog.open(
                store, custody, clock, directory.resolve("node"), directory.resolve("published"), broken::add);
        log.resume();
        access = new Access(store, log, custody, policy, clock, nanos::get, passwordWork);
    }

    /** Stops the vault and restarts it on its files. */
    public void restart() {
        close();
        store = openStore();
        start();
    }

    @Override
    public void close() {
        log.close();
        store.close();
    }

    public Access access() {
        return access;
    }

    public Store store() {
        return store;
    }

    public AuditLog log() {
        return log;
    }

    /** A member of staff with {@link #PASSWORD}, acting in the first of those roles. */
    public Actor staff(String name, String... roles) {
        StaffAccount account = new StaffAccount(
                List.of(roles), "NC", hash, false, false, 1, clock.instant().getEpochSecond());
        write(tx -> access.authority()
                .insert(tx, StaffAccount.KIND, name, account, new Refused(Problem.NAME_IN_USE, "taken")));
        return new Actor(Actor.Kind.STAFF, name, roles.length == 0 ? "" : roles[0], "NC");
    }

    /** Returns the identity of an account made by {@link #staff} and not changed since. */
    public static SignIn.Identity proven(Actor staff) {
        return new SignIn.Identity(staff.name(), staff.library(), List.of(staff.role()), 1, false, false);
    }

    /** Ends commissioning. */
    public void storeFirstPatron() {
        PatronAttributes attributes = new PatronAttributes(
                "NC",
                Category.ADULT,
                Optional.empty(),
                Status.ACTIVE,
                YearMonth.from(MORNING.atOffset(ZoneOffset.UTC)));
        AccessEvent event = log.event(Actor.VAULT, ActKind.REGISTER, Outcome.WRITTEN, AuditLog.newRequest());
        log.call(event, now -> {
            WriteTx tx = now.tx();
            tx.patrons().insert(new PatronRow(new PatronId(1), 1, 1, attributes), Rows.values(1, 1));
            return Decision.done(event);
        });
    }

    /** Runs {@code work} as one unit of the vault's own. */
    public void write(Consumer<WriteTx> work) {
        AccessEvent event = event();
        log.call(event, now -> {
            WriteTx tx = now.tx();
            work.accept(tx);
            return Decision.done(event);
        });
    }

    /** Takes a place under the limits, as a search or reveal would. */
    public void take(Reservation reservation) {
        log.call(AuditLog.counting(event(), reservation, Set.of()), Lane.DESK);
    }

    public AccessEvent event() {
        return log.event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest());
    }

    /** The newest entry of the log. */
    public AccessEvent lastEntry() {
        return entriesFrom(log.reader().size() - 1).get(0);
    }

    /** The entries of the log from that one on. */
    public List<AccessEvent> entriesFrom(long index) {
        LogReader reader = log.reader();
        return reader.entries(index, reader.size()).entries().stream()
                .map(LogReader.Entry::event)
                .toList();
    }

    /** Changes the database behind the vault's back; returns how many rows were. */
    public int tamper(String sql, Object... values) {
        tampered = true;
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives two rows each other's name. */
    public void swapNames(String kind, String one, String other) {
        String rename = "UPDATE authority SET name = ? WHERE kind = ? AND name = ?";
        int renamed = tamper(rename, "held", kind, one)
                + tamper(rename, one, kind, other)
                + tamper(rename, other, kind, "held");
        assertThat(renamed).isEqualTo(3);
    }

    /**
     * Returns a vault for the next test. It is this one with its rows removed, since opening another takes longer. If a
     * test changed it for good, it is a new one.
     */
    public AccessTestVault next() {
        if (!tampered && !custody.keys().isCommissioned()) {
            removeAllAuthority();
            return this;
        }
        close();
        return new AccessTestVault(directory.resolve("next"), passwordWork);
    }

    private void removeAllAuthority() {
        write(tx -> {
            List<AuthorityRows.Row> rows = new ArrayList<>();
            tx.authority().forEach(rows::add);
            rows.forEach(tx.authority()::delete);
        });
    }

    /** The names of the rows of that kind, as stored. */
    public List<String> names(String kind) {
        List<String> names = new ArrayList<>();
        try (Connection connection = connect();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT name FROM authority WHERE kind = ? ORDER BY name")) {
            statement.setString(1, kind);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return names;
    }

    /** The number that query finds. */
    public long count(String sql) {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The text that query finds. */
    public String text(String sql) {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl());
    }

    public void advance(Duration by) {
        clock.advance(by);
        nanos.addAndGet(by.toNanos());
    }

    /** A person acting in that role. */
    public static Caller person(String name, String role) {
        return Caller.person(new Actor(Actor.Kind.STAFF, name, role, "NC"));
    }

    /** Another system. */
    public static Caller client(Set<String> scopes, Set<PatronField> fields, Set<Purpose> purposes, OptionalInt daily) {
        Actor actor = new Actor(Actor.Kind.CLIENT, "koha", String.join(",", scopes), "");
        return new Caller(
                actor,
                scopes,
                Optional.of(fields).filter(f -> !f.isEmpty()),
                Optional.of(purposes).filter(p -> !p.isEmpty()),
                daily,
                daily.isPresent());
    }
}
