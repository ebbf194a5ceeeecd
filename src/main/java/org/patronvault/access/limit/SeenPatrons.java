package org.patronvault.access.limit;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.WriteTx;

/** The patrons that a person or client opened on a day, as MACs: opening one of them again is free. */
record SeenPatrons(KeyCustody custody) {
    private static final int TOKEN_SIZE_BYTES = 16;

    /** Remembers opened patrons; returns how many were not opened before, under any version of the key. */
    int remember(WriteTx tx, String actor, long day, Collection<PatronId> opened) {
        List<Prf> versions = custody.keys().fingerprints().all();
        Set<PatronId> fresh = new HashSet<>(opened);
        for (Prf older : versions.subList(1, versions.size())) {
            fresh.removeIf(id -> isThere(tx, actor, day, token(older, actor, day, id)));
        }
        Stream<byte[]> tokens = fresh.stream().map(id -> token(versions.get(0), actor, day, id));
        return tx.limits().remember(actor, day, tokens.toList());
    }

    private static boolean isThere(WriteTx tx, String actor, long day, byte[] token) {
        return !tx.limits().present(actor, day, List.of(token)).isEmpty();
    }

    private static byte[] token(Prf prf, String actor, long day, PatronId patron) {
        byte[] input = CanonicalBytes.begin("limit-seen")
                .lp(actor)
                .u64(day)
                .u64(patron.number())
                .bytes();
        return prf.truncated(input, TOKEN_SIZE_BYTES);
    }
}
