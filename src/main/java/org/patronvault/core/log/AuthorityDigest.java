package org.patronvault.core.log;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.entry.AuthorityMark;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.AuthorityRows.Change;
import org.patronvault.core.store.table.AuthorityRows.Row;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The running digest of all rows that carry authority (format.md, "Running digest"). A row's own MAC shows that the
 * vault wrote it. The digest shows that each row is the newest, and that none is missing.
 *
 * <p>The digest is the XOR of one keyed element for each row, so a change costs two elements however many rows there
 * are. It is a multiset hash only as long as nobody sees it change (Clarke et al., ASIACRYPT 2003). So the log carries
 * a MAC of it, and the database a sealed copy for other nodes. This process also keeps each row's generation, and so
 * refuses a rolled-back row at its next reading, not only at the next start. Safe for use by many threads; only the
 * appender calls the writing methods.
 */
public final class AuthorityDigest {
    static final String FACT = "authority-digest";
    private static final int SIZE_BYTES = 32;
    private static final long CHUNK = 4_096;

    /** The digest after {@code number} changes. */
    record State(long number, byte[] digest) {
        private static final State NONE = new State(0, new byte[SIZE_BYTES]);
    }

    private record Key(String kind, String name) {}

    /** A stored fact and the state in it. */
    private record StoredState(String text, State state) {}

    private final Store store;
    private final KeyCustody custody;
    private volatile State committed = State.NONE;
    private final Map<Key, Long> generations = new ConcurrentHashMap<>();
    private final RowKeyVersions versions;
    private volatile boolean othersWrote;
    private volatile StoredState opened = new StoredState("", State.NONE);
    private State begun = State.NONE;
    private State running = State.NONE;

    AuthorityDigest(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
        this.versions = new RowKeyVersions(custody);
    }

    /**
     * Reads all rows, and compares them with the log's last entry about them.
     *
     * @throws Refused if a row was edited, removed, added or rolled back
     */
    void resume() {
        generations.clear();
        versions.begin();
        othersWrote = false;
        committed = store.read(tx -> {
            State state = stored(tx).orElse(State.NONE);
            if (!isNewest(tx, state, this::know)) {
                throw new Refused(
                        Problem.KEYS_REFUSED,
                        "Accounts, clients, sessions or limits in the database are not those last written; put back"
                                + " the database that belongs to this home.");
            }
            return state;
        });
    }

    private void know(Row row) {
        generations.put(new Key(row.kind(), row.name()), row.generation());
        versions.found(row);
    }

    /** Returns the key versions that rows are under. */
    public RowKeyVersions versions() {
        return versions;
    }

    /** Returns the mark of the rows in the log's last entry about them, if the rows are the newest. */
    AuthorityMark current() {
        return mark(committed);
    }

    /**
     * Whether the rows match the log's last entry about them. Entries that the rows lack because of a restore do not
     * count.
     */
    private boolean isNewest(Tx tx, State state, Consumer<Row> each) {
        byte[] digest = new byte[SIZE_BYTES];
        tx.authority().forEach(row -> {
            xor(digest, versions.element(row));
            each.accept(row);
        });
        return lastMark(tx).map(mark -> holds(mark, state)).orElse(state.number() == 0)
                && MessageDigest.isEqual(digest, state.digest());
    }

    /**
     * Whether another node wrote meanwhile and all rows are the newest. Asked about a row that is older than this
     * process knows, or gone. If so, this process forgets what it knew of the row, since the other node may have
     * removed it.
     */
    public boolean isAnotherNodesWork(String kind, String name) {
        return store.readAside(tx -> {
            RingFreshnessCheck.follow(tx, custody);
            State state = stored(tx).orElse(State.NONE);
            boolean others = othersWrote || state.number() > committed.number();
            if (!others || !isNewest(tx, state, row -> {})) {
                return false;
            }
            Key key = new Key(kind, name);
            tx.authority()
                    .find(kind, name)
                    .ifPresentOrElse(row -> generations.put(key, row.generation()), () -> generations.remove(key));
            return true;
        });
    }

    private boolean holds(AuthorityMark mark, State state) {
        return mark.number() == state.number()
                && custody.keys()
                        .rows()
                        .any(rows -> rows.verify(FACT, new byte[0], state.number(), state.digest(), mark.mac()));
    }

    private Optional<AuthorityMark> lastMark(Tx tx) {
        Optional<RowsBehindLog> older = RowsBehindLog.read(tx, custody.keys());
        long to = LogReader.size(tx);
        while (to > 0) {
            long from = Math.max(0, to - CHUNK);
            AuthorityMark[] last = new AuthorityMark[1];
            tx.log()
                    .forEachLeaf(
                            from,
                            to,
                            (index, leaf) -> Leaf.parse(leaf)
                                    .authority()
                                    .filter(mark -> older.filter(rows -> rows.isMissed(index))
                                            .isEmpty())
                                    .ifPresent(mark -> last[0] = mark));
            if (last[0] != null) {
                return Optional.of(last[0]);
            }
            to = from;
        }
        return Optional.empty();
    }

    /**
     * Begins a transaction. Another node may have written its database meanwhile.
     *
     * @throws IntegrityException if the digest stored there is older than, or other than, the one this process knows
     */
    void begin(Tx tx) {
        State known = committed;
        if (custody.isSealed()) {
            // Rows that carry authority cannot be made then, and an attempt to unseal is still logged.
            begun = known;
            running = known;
            return;
        }
        State stored = stored(tx).orElse(State.NONE);
        boolean same = stored.number() == known.number() && Arrays.equals(stored.digest(), known.digest());
        if (!same && stored.number() <= known.number()) {
            throw new IntegrityException("authority digest: put back");
        }
        othersWrote |= !same;
        begun = stored;
        running = stored;
    }

    /** Adds the changes of a transaction to the digest, and returns the mark for its last entry. */
    AuthorityMark take(List<Change> changes) {
        byte[] digest = running.digest().clone();
        for (Change change : changes) {
            change.before().ifPresent(row -> xor(digest, versions.element(row)));
            change.after().ifPresent(row -> xor(digest, versions.element(row)));
        }
        running = new State(running.number() + 1, digest);
        return mark(running);
    }

    /** Writes the digest in the transaction it belongs to. */
    void write(WriteTx tx) {
        if (running.number() != begun.number()) {
            byte[] plain = CanonicalBytes.plain()
                    .u64(running.number())
                    .raw(running.digest())
                    .bytes();
            tx.setFact(
                    FACT,
                    Base64.getEncoder()
                            .encodeToString(custody.keys().authorityDigest().seal(aad(), plain)));
        }
    }

    /** Makes the running state the committed one. Called after COMMIT. */
    void committed(List<Change> changes) {
        committed = running;
        for (Change change : changes) {
            change.before().ifPresent(row -> generations.remove(new Key(row.kind(), row.name())));
            change.after().ifPresent(row -> generations.put(new Key(row.kind(), row.name()), row.generation()));
        }
    }

    /**
     * Whether a row as read is older than this process knows, or gone although this process knows it. The row was
     * rolled back or removed, or the snapshot began before the newest write. Only a fresh snapshot tells these apart.
     *
     * @param generation of the row as read; 0 if there is no row
     */
    public boolean isOutdated(String kind, String name, long generation) {
        return generation < generation(kind, name);
    }

    /** Returns the generation of the newest row of that name that this process knows, or 0. */
    public long generation(String kind, String name) {
        return generations.getOrDefault(new Key(kind, name), 0L);
    }

    /** Returns the names of the rows of that kind which this process knows. */
    public List<String> names(String kind) {
        return generations.keySet().stream()
                .filter(key -> key.kind().equals(kind))
                .map(Key::name)
                .toList();
    }

    /**
     * Returns the state in the stored fact. An unchanged text is not opened again, since most transactions find it so.
     */
    private Optional<State> stored(Tx tx) {
        return tx.fact(FACT).map(text -> {
            StoredState last = opened;
            if (!text.equals(last.text())) {
                last = new StoredState(text, open(text));
                opened = last;
            }
            return last.state();
        });
    }

    private State open(String text) {
        try {
            CanonicalReader in = CanonicalReader.of(custody.keys()
                    .authorityDigest()
                    .open(aad(), Base64.getDecoder().decode(text)));
            State state = new State(in.u64(), in.raw(SIZE_BYTES));
            in.end();
            return state;
        } catch (IllegalArgumentException e) {
            throw new IntegrityException("authority digest: form", e);
        }
    }

    private static byte[] aad() {
        return CanonicalBytes.begin("pv1.authority-digest").bytes();
    }

    private AuthorityMark mark(State state) {
        return new AuthorityMark(
                state.number(), custody.keys().rows().newest().mac(FACT, new byte[0], state.number(), state.digest()));
    }

    private static void xor(byte[] into, byte[] element) {
        for (int i = 0; i < into.length; i++) {
            into[i] ^= element[i];
        }
    }
}
