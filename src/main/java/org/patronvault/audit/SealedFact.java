package org.patronvault.audit;

import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.keys.VersionedBox;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * A fact of the database that says how far something made from the log is, and that only the vault reads and writes. One
 * that was edited counts as none, so whatever it is about is made anew; an older one may have been put back.
 *
 * @param isOfVersions whether the fact holds only for the versions of keys that the view by patron was made with
 */
record SealedFact(String name, boolean isOfVersions) {

    /** A fact that holds whichever versions of keys are in use. */
    SealedFact(String name) {
        this(name, false);
    }

    /** What it says, if it is one of the vault's own and of that form. */
    <T> Optional<T> read(Tx tx, UnsealedKeys keys, Function<CanonicalReader, T> form) {
        return tx.fact(name).flatMap(text -> open(text, keys, form));
    }

    private <T> Optional<T> open(String text, UnsealedKeys keys, Function<CanonicalReader, T> form) {
        try {
            byte[] plain = box(keys).open(aad(keys), Base64.getDecoder().decode(text));
            return Optional.of(form.apply(CanonicalReader.of(plain)));
        } catch (IntegrityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Puts it down; returns how it reads there. */
    String write(WriteTx tx, UnsealedKeys keys, CanonicalBytes plain) {
        String text = Base64.getEncoder().encodeToString(box(keys).seal(aad(keys), plain.bytes()));
        tx.setFact(name, text);
        return text;
    }

    private VersionedBox box(UnsealedKeys keys) {
        return keys.boxOfFingerprint(CanonicalBytes.begin(name).bytes());
    }

    private byte[] aad(UnsealedKeys keys) {
        return CanonicalBytes.begin("pv1." + name)
                .raw(isOfVersions ? keys.viewVersions() : new byte[0])
                .bytes();
    }
}
