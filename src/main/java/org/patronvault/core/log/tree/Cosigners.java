package org.patronvault.core.log.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.UnverifiedException;
import org.patronvault.core.tlog.VerifierKey;

/** The witnesses that have signed a log, each with the largest size it signed. For one thread. */
final class Cosigners {
    private final List<VerifierKey> keys = new ArrayList<>();
    private final Map<String, Long> signed = new TreeMap<>();

    private Cosigners() {}

    /**
     * Creates the set of witnesses whose signatures are checked.
     *
     * @param verifierKeys as C2SP writes them
     * @throws Refused if a key is not a verifier key of a witness
     */
    static Cosigners of(List<String> verifierKeys) {
        Cosigners cosigners = new Cosigners();
        for (String text : verifierKeys) {
            VerifierKey key = keyOf(text);
            cosigners.keys.add(key);
            cosigners.signed.put(key.name(), 0L);
        }
        return cosigners;
    }

    private static VerifierKey keyOf(String text) {
        try {
            VerifierKey key = VerifierKey.parse(text);
            if (key.type() == SignatureType.COSIGNATURE_V1) {
                return key;
            }
        } catch (MalformedException e) {
            // Refused below.
        }
        throw new Refused(Problem.INVALID, "What is named as a witness's verifier key is none.");
    }

    /** Reads a checkpoint's signatures. Returns whether none of them is wrong. */
    boolean follow(SignedNote note, long size) {
        List<VerifierKey> there = keys.stream()
                .filter(key -> note.signatures().stream().anyMatch(key::isNamedBy))
                .toList();
        if (there.isEmpty()) {
            return true;
        }
        try {
            note.verify(there)
                    .signatures()
                    .forEach(one -> signed.merge(one.key().name(), size, Math::max));
            return true;
        } catch (UnverifiedException e) {
            return false;
        }
    }

    /** Returns the largest size each witness signed, by the witness's name; 0 for none. */
    Map<String, Long> signed() {
        return signed;
    }
}
