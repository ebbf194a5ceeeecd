package org.patronvault.core.log.tree;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.patronvault.core.log.tree.LogVerifier.Finding;

/**
 * The result of a verification of the log.
 *
 * @param witnessed the largest size that each known witness signed, by its name; 0 for none
 * @param signers the log's verifier keys, oldest first, each with the size from which it alone counts
 */
public record LogReport(
        long entries, byte[] root, List<Finding> problems, Map<String, Long> witnessed, Map<String, Long> signers) {

    /** Whether nothing is wrong. */
    public boolean ok() {
        return problems.isEmpty();
    }

    /** Returns this report with a problem added for each of these witnesses that has signed nothing. */
    public LogReport requiring(List<String> verifierKeys) {
        List<Finding> more = new ArrayList<>(problems);
        verifierKeys.stream()
                .filter(key -> witnessed.getOrDefault(key.substring(0, key.indexOf('+')), 0L) == 0)
                .forEach(key -> more.add(new Finding(0, "cosignature-missing")));
        return new LogReport(entries, root, List.copyOf(more), witnessed, signers);
    }

    /** Returns the root as Base64. */
    public String rootText() {
        return Base64.getEncoder().encodeToString(root);
    }
}
