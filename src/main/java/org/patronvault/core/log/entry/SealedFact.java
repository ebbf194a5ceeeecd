package org.patronvault.core.log.entry;

import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.keys.ring.VersionedBox;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * A sealed fact of the database that records progress of data made from the log. Only the vault reads and writes it. An
 * edited fact counts as missing, and its data is then re-created. It does not detect a rollback to an older fact.
 */
public record SealedFact(String name) {

    /** Returns the fact's content, if this vault wrote it and it has that form. */
    public <T> Optional<T> read(Tx tx, UnsealedKeys keys, Function<CanonicalReader, T> form) {
        return tx.fact(name).flatMap(text -> open(text, keys, form));
    }

    private <T> Optional<T> open(String text, UnsealedKeys keys, Function<CanonicalReader, T> form) {
        try {
            byte[] plain = box(keys).open(aad(), Base64.getDecoder().decode(text));
            return Optional.of(form.apply(CanonicalReader.of(plain)));
        } catch (IntegrityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Writes the fact. Returns its stored text. */
    public String write(WriteTx tx, UnsealedKeys keys, CanonicalBytes plain) {
        String text = Base64.getEncoder().encodeToString(box(keys).seal(aad(), plain.bytes()));
        tx.setFact(name, text);
        return text;
    }

    private VersionedBox box(UnsealedKeys keys) {
        return keys.boxOfFingerprint(CanonicalBytes.begin(name).bytes());
    }

    private byte[] aad() {
        return CanonicalBytes.begin("pv1." + name).bytes();
    }
}
