package org.patronvault.core.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Status;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.store.table.WriteTx;

/** A database with a log, under keys that all tests share. */
public final class LogTestVault implements AutoCloseable {
    public static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:00:00Z"), ZoneOffset.UTC);
    public static final Actor CLERK = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");

    private static final List<String> FILES = List.of("ring.json", "slots.json", "ledger");

    private static Path shared;

    public final KeyCustody custody;
    public final Path home;
    public final StoreSettings settings;
    public final List<String> broken = new CopyOnWriteArrayList<>();
    public Store store;
    public AuditLog log;

    private LogTestVault(KeyCustody custody, Path home, StoreSettings settings) {
        this.custody = custody;
        this.home = home;
        this.settings = settings;
    }

    /** Returns keys with a content key for the month of {@link #CLOCK}: always equal, each time in a new directory. */
    public static synchronized KeyCustody sharedKeys() {
        try {
            if (shared == null) {
                shared = temporary();
                KeyCustody keys = OpenedKeys.create(shared, "vault-a", CLOCK);
                keys.ensureContentKey(Leaf.monthOf(CLOCK.instant()));
                // Otherwise the first patron of the first test would have an entry more than those of the others.
                keys.endCommissioning();
            }
            Path copy = temporary();
            for (String name : FILES.subList(0, 2)) {
                Files.copy(shared.resolve(name), copy.resolve(name));
            }
            return OpenedKeys.at(copy, CLOCK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporary() throws IOException {
        Path directory = Files.createTempDirectory("vault-keys");
        directory.toFile().deleteOnExit();
        FILES.forEach(name -> directory.resolve(name).toFile().deleteOnExit());
        return directory;
    }

    public static LogTestVault createIn(Path home) {
        return create(sharedKeys(), home, StoreSettings.sqlite(home.resolve("vault.db")));
    }

    /** A new log of one entry, resumed. */
    public static LogTestVault create(KeyCustody custody, Path home, StoreSettings settings) {
        LogTestVault vault = new LogTestVault(custody, home, settings);
        vault.store = Store.open(settings);
        LogInitializer.create(vault.store, custody, CLOCK, home.resolve("node"), "admin");
        vault.open();
        vault.log.resume();
        return vault;
    }

    /** Returns an existing vault, not opened. Only {@link #under} may be called on it. */
    public static LogTestVault closed(KeyCustody custody, Path home, StoreSettings settings) {
        return new LogTestVault(custody, home, settings);
    }

    /** Returns a vault with this database and node under other keys, its log not resumed. */
    public LogTestVault under(KeyCustody other) {
        LogTestVault vault = new LogTestVault(other, home, settings);
        vault.store = Store.open(settings);
        vault.open();
        return vault;
    }

    /**
     * Returns another node on this database, under equal keys, with what this one has published. Its log is resumed.
     *
     * @param its the settings by which it reaches the database
     */
    LogTestVault another(Path itsHome, StoreSettings its) {
        var unused = log.publishedCheckpoint();
        try {
            Files.createDirectories(itsHome.resolve("published"));
            try (Stream<Path> published = Files.list(home.resolve("published"))) {
                for (Path file : published.toList()) {
                    Files.copy(file, itsHome.resolve("published").resolve(file.getFileName()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        KeyCustody keys = sharedKeys();
        LogTestVault node = closed(keys, itsHome, its).under(keys);
        node.log.resume();
        return node;
    }

    /** Stops and starts; the log is not resumed. */
    public void reopen() {
        close();
        store = Store.open(settings);
        open();
    }

    private void open() {
        try {
            Files.createDirectories(home.resolve("node"));
            Files.createDirectories(home.resolve("published"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        log = AuditLog.open(store, custody, CLOCK, home.resolve("node"), home.resolve("published"), broken::add);
    }

    public Path logHead() {
        return home.resolve("node/head");
    }

    public AccessEvent reveal(long patron) {
        return log.event(CLERK, ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(List.of(Subject.opened(new PatronId(patron), Set.of(PatronField.PHONE))));
    }

    AccessEvent register(long patron) {
        return log.event(CLERK, ActKind.REGISTER, Outcome.WRITTEN, AuditLog.newRequest())
                .on(List.of(Subject.written(
                        new PatronId(patron),
                        Set.of(PatronField.NAME),
                        List.of(new Subject.Write(PatronField.NAME, 1, new byte[32])))));
    }

    /** A unit that stores a patron. */
    public Act<AuditReceipt> registering(long patron) {
        AccessEvent event = register(patron);
        return AuditLog.writing(event, now -> {
            WriteTx tx = now.tx();
            insert(tx, patron);
            return Decision.done(event);
        });
    }

    static void insert(WriteTx tx, long patron) {
        byte[] envelope = new byte[200];
        envelope[0] = 1;
        List<ValueRow> values = Arrays.stream(PatronField.values())
                .map(field -> new ValueRow(new PatronId(patron), field, 1, envelope))
                .toList();
        tx.patrons()
                .insert(
                        new PatronRow(
                                new PatronId(patron),
                                1,
                                1,
                                new PatronAttributes(
                                        "NC",
                                        Category.ADULT,
                                        Optional.of(LocalDate.of(2029, 1, 31)),
                                        Status.ACTIVE,
                                        YearMonth.of(2026, 11))),
                        values);
    }

    boolean isStored(long patron) {
        return store.read(tx -> tx.patrons().find(new PatronId(patron)).isPresent());
    }

    /** Appends {@code n} entries about nobody. */
    public void fill(int n) {
        List<java.util.concurrent.CompletableFuture<AuditReceipt>> all = new java.util.ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(log.submit(
                    AuditLog.entry(log.event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest())
                            .counting(i)),
                    Lane.DESK));
        }
        all.forEach(AuditLog::await);
    }

    /** Appends entries of those times, in that order. */
    public void fillAt(List<Instant> times) {
        times.stream()
                .map(time -> log.submit(
                        AuditLog.entry(AccessEvent.of(
                                time, Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest())),
                        Lane.DESK))
                .toList()
                .forEach(AuditLog::await);
    }

    /** The one entry of that call, if it is in the log. */
    Optional<LogReader.Entry> entryOf(AccessEvent event) {
        return entries().stream()
                .filter(e -> java.util.Arrays.equals(e.event().request(), event.request()))
                .findFirst();
    }

    public List<LogReader.Entry> entries() {
        List<LogReader.Entry> entries = new java.util.ArrayList<>();
        LogReader.Page page = log.reader().entries(0, Long.MAX_VALUE);
        while (!page.entries().isEmpty()) {
            entries.addAll(page.entries());
            page = log.reader().entries(page.next(), Long.MAX_VALUE);
        }
        return entries;
    }

    @Override
    public void close() {
        log.close();
        store.close();
    }
}
