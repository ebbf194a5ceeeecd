package org.patronvault.audit;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.patronvault.audit.LogVerifier.Finding;

/**
 * What was checked and what was found.
 *
 * @param witnessed by the name of each known witness the size up to which it has signed; 0 for none
 */
public record LogReport(long entries, byte[] root, List<Finding> problems, Map<String, Long> witnessed) {

    /** Whether nothing is wrong. */
    public boolean ok() {
        return problems.isEmpty();
    }

    /** The same, in which it is a problem if a witness of those verifier keys has signed nothing. */
    public LogReport requiring(List<String> verifierKeys) {
        List<Finding> more = new ArrayList<>(problems);
        verifierKeys.stream()
                .filter(key -> witnessed.getOrDefault(key.substring(0, key.indexOf('+')), 0L) == 0)
                .forEach(key -> more.add(new Finding(0, "cosignature-missing")));
        return new LogReport(entries, root, List.copyOf(more), witnessed);
    }

    /** The root as Base64. */
    public String rootText() {
        return Base64.getEncoder().encodeToString(root);
    }
}
