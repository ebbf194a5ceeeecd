package org.patronvault.core.log.entry;

import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.TlogProof;
import org.patronvault.core.tlog.UnverifiedException;
import org.patronvault.core.tlog.VerifierKey;

/**
 * A proof that an entry was in the log, in one file (C2SP tlog-proof). The file carries the entry itself, and only a
 * verifier key of the log is needed to check it.
 *
 * @param event the unsealed members of the entry
 * @param size of the log that was signed
 */
public record LogReceipt(long index, AccessEvent event, long size) {

    /**
     * Checks a proof file.
     *
     * @param file its text
     * @param keys verifier keys of the log, one a line
     * @throws Refused with {@code invalid} if it is no such file, or those are no keys
     * @throws IntegrityException if a signature, the path or the entry is not right
     */
    public static LogReceipt check(String file, String keys) {
        TlogProof proof = parse(file);
        List<VerifierKey> known = keys(keys);
        byte[] leaf = proof.extra();
        try {
            Checkpoint checkpoint =
                    proof.verify(MerkleHash.leaf(leaf), known.get(0).name(), known, List.of());
            return new LogReceipt(proof.index(), Leaf.parse(leaf).event(), checkpoint.size());
        } catch (MalformedException | UnverifiedException e) {
            throw new IntegrityException("receipt: " + e.getMessage());
        }
    }

    private static TlogProof parse(String file) {
        try {
            return TlogProof.parse(file);
        } catch (MalformedException e) {
            throw new Refused(Problem.INVALID, "That file is no receipt of a log: " + e.getMessage() + ".");
        }
    }

    private static List<VerifierKey> keys(String lines) {
        List<VerifierKey> keys = new ArrayList<>();
        try {
            for (String line : lines.lines().toList()) {
                keys.add(VerifierKey.parse(line.strip()));
            }
        } catch (MalformedException e) {
            throw new Refused(Problem.INVALID, "That file holds no verifier key of a log: " + e.getMessage() + ".");
        }
        if (keys.isEmpty()) {
            throw new Refused(Problem.INVALID, "That file holds no verifier key of a log.");
        }
        return keys;
    }
}
