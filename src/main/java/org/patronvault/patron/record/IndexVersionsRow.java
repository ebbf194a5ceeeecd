package org.patronvault.patron.record;

import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The row that lists the versions of the index. It is an authority row with a MAC, so an attacker cannot make the vault
 * search the wrong table, or with the wrong keys, and find nothing. Safe for use by many threads.
 */
public final class IndexVersionsRow implements IndexVersions.Source {
    private static final String KIND = "index";
    private static final String NAME = "search";
    private static final String SIZE = "index-size";

    /** The body of the row. */
    private record Body(String stage, int live, int other) {
        private static Body of(IndexVersions versions) {
            return new Body(versions.stage().name(), versions.live(), versions.other());
        }

        private IndexVersions versions() {
            try {
                return new IndexVersions(IndexVersions.Stage.valueOf(String.valueOf(stage)), live, other);
            } catch (IllegalArgumentException e) {
                throw new IntegrityException("index row: stage", e);
            }
        }
    }

    /** How many entries were added in a version. */
    private record Size(long entries) {}

    private final Store store;
    private final Authority authority;
    private volatile IndexVersions lately;

    public IndexVersionsRow(Store store, Authority authority) {
        this.store = store;
        this.authority = authority;
    }

    @Override
    public IndexVersions at(Tx tx) {
        return at(tx, live -> new byte[0]);
    }

    @Override
    public IndexVersions at(Tx tx, IntFunction<byte[]> next) {
        IndexVersions before = lately;
        byte[] labels = next.apply(before == null ? IndexVersions.FIRST.live() : before.live());
        IndexVersions now = authority
                .asShown(tx, tx.holdIndex(KIND, NAME, labels), KIND, NAME, Body.class)
                .map(held -> held.body().versions())
                .orElse(IndexVersions.FIRST);
        lately = now;
        return now;
    }

    /** The versions in the row, without a check of its MAC. For code that has no key and decides nothing by it. */
    public static IndexVersions unproven(Tx tx) {
        return tx.authority()
                .find(KIND, NAME)
                .map(row -> Authority.unproven(row, Body.class))
                .map(Body::versions)
                .orElse(IndexVersions.FIRST);
    }

    private Optional<Authority.Versioned<Body>> held(Tx tx) {
        return authority.findAsShown(tx, KIND, NAME, Body.class);
    }

    @Override
    public IndexVersions lately() {
        IndexVersions known = lately;
        return known == null ? store.read(this::at) : known;
    }

    @Override
    public void grew(WriteTx tx, int version, int entries) {
        if (entries > 0) {
            String name = Integer.toString(version);
            Optional<Authority.Versioned<Size>> held = authority.find(tx, SIZE, name, Size.class);
            long before = held.map(one -> one.body().entries()).orElse(0L);
            authority.put(tx, SIZE, name, held, new Size(before + entries));
        }
    }

    @Override
    public long size(Tx tx, int version) {
        return authority
                .findAsShown(tx, SIZE, Integer.toString(version), Size.class)
                .map(held -> held.body().entries())
                .orElse(0L);
    }

    /** Replaces {@code before} by {@code after}, inside an act; refused if the row does not say {@code before}. */
    public void put(WriteTx tx, IndexVersions before, IndexVersions after) {
        if (!at(tx).equals(before)) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "The search index was rebuilt meanwhile; look again.");
        }
        authority.put(tx, KIND, NAME, held(tx), Body.of(after));
        if (!List.of(after.live(), after.other()).contains(before.other())) {
            authority
                    .find(tx, SIZE, Integer.toString(before.other()), Size.class)
                    .ifPresent(held -> authority.remove(tx, held));
        }
    }

    /**
     * Exchanges the two tables, inside an act, so that searches read the newly built version.
     *
     * @throws Refused with {@code busy} if the tables are read for too long; it can be tried again
     */
    public void exchange(WriteTx tx) {
        IndexVersions before = at(tx);
        put(tx, before, before.switched());
        if (!tx.indexTables().exchange()) {
            throw new Refused(Problem.BUSY, "Somebody reads the search index for long; it is tried again.", 5);
        }
    }
}
