package org.patronvault.audit;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.RowMac;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeyVersions;
import org.patronvault.store.AuthorityRows.Row;

/**
 * Which version of the row key a row that carries authority is under. The row does not say so: its MAC is tried under each
 * version, the newest first. Safe for use by many threads.
 */
public final class RowKeyVersions {
    private final KeyCustody custody;

    /** Retired versions that rows were under when the digest of all rows was last found right. */
    private final Set<Integer> foundRetired = ConcurrentHashMap.newKeySet();

    RowKeyVersions(KeyCustody custody) {
        this.custody = custody;
    }

    /** The number of the version that the row's MAC is of; empty if the row is not the vault's. */
    public OptionalInt of(Row row) {
        byte[] name = row.name().getBytes(StandardCharsets.UTF_8);
        byte[] body = row.body().getBytes(StandardCharsets.UTF_8);
        return custody.keys().rows().find(rows -> rows.verify(row.kind(), name, row.generation(), body, row.mac()));
    }

    /** Whether the row is the vault's and under a version that counts. */
    public boolean areCounted(Row row) {
        OptionalInt version = of(row);
        return version.isPresent() && counts(version.getAsInt());
    }

    /**
     * Whether rows under that version count. A retired version counts only in a database from before the rotation that
     * retired it: a thief of that version makes no row with it.
     */
    public boolean counts(int version) {
        return version == custody.keys().rows().newestVersion()
                || !custody.keys().isRetiredForRows(version)
                || foundRetired.contains(version);
    }

    /** Nothing is found yet. */
    void begin() {
        foundRetired.clear();
    }

    /** Takes up the row, which the digest of all rows counts in. */
    void found(Row row) {
        if (areMany()) {
            of(row).ifPresent(version -> {
                if (custody.keys().isRetiredForRows(version)) {
                    foundRetired.add(version);
                }
            });
        }
    }

    private boolean areMany() {
        return custody.keys().rows().all().size() > 1;
    }

    /**
     * Returns the element of the row in the digest, under the version of the row itself: so the digest follows each row
     * that is moved to another version.
     */
    byte[] element(Row row) {
        byte[] key = CanonicalBytes.plain()
                .lp(row.kind())
                .lp(row.name().getBytes(StandardCharsets.UTF_8))
                .bytes();
        KeyVersions<RowMac> rows = custody.keys().rows();
        OptionalInt version = areMany() ? of(row) : OptionalInt.empty();
        RowMac under = version.isPresent() ? rows.version(version.getAsInt()).orElseGet(rows::newest) : rows.newest();
        return under.mac("authority-element", key, row.generation(), row.mac());
    }
}
