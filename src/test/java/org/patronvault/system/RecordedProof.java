package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.system.RecordedLoad.Known;
import org.patronvault.system.RecordedLoad.Released;

/** What the vault and its log say of what a {@link RecordedLoad} wrote down. */
final class RecordedProof {
    private static final int PAGE = 1_000;
    private static final Set<String> CALLERS = Set.of(RecordedLoad.CLIENT, RecordedLoad.PERSON, RecordedLoad.ERASER);
    private static final Set<String> DONE = Set.of("written", "erased");

    private final Set<Known> lost = ConcurrentHashMap.newKeySet();
    private final Set<Released> unlogged = new HashSet<>();
    private final Set<String> notOnce = new HashSet<>();

    RecordedProof(RunningVault vault, String client, RecordedLoad load) {
        this(vault, client, load.known(), load.erased(), load.released());
    }

    /** Of what is there, as last acknowledged, of who was erased, and of what came in clear. */
    RecordedProof(RunningVault vault, String client, List<Known> known, List<Known> erased, List<Released> released) {
        Map<Long, JsonNode> log = log(vault);
        Map<String, Integer> written = new HashMap<>();
        for (JsonNode entry : log.values()) {
            // Patrons may have been taken in before; no caller does that.
            boolean isOfLoad = !entry.path("act").asText().equals("import");
            if (isOfLoad && DONE.contains(entry.path("outcome").asText())) {
                written.merge(
                        entry.path("act").asText() + " "
                                + entry.at("/patrons/0").asText(),
                        1,
                        Integer::sum);
            }
        }
        Set<Long> told = new HashSet<>();
        for (Released one : released) {
            JsonNode entry = log.getOrDefault(one.entry(), MissingNode.getInstance());
            String fields = entry.path("fields").toString();
            boolean isTold = entry.path("outcome").asText().equals("disclosed")
                    && entry.path("actor").asText().equals(one.actor())
                    && entry.at("/patrons/0").asText().equals(one.patron())
                    && entry.path("purpose").asText().equals("account-service")
                    && one.fields().stream().allMatch(fields::contains)
                    // Each has an entry of its own: one that is told again was not written again.
                    && told.add(one.entry());
            if (!isTold) {
                unlogged.add(one);
            }
        }
        known.parallelStream().forEach(one -> look(vault, client, one));
        erased.parallelStream().forEach(one -> lookForErased(vault, client, one));
        for (Known one : known) {
            once(written, "register " + one.id(), 1);
            once(written, "change " + one.id(), one.changes());
            once(written, "replace-card " + one.id(), one.cards());
        }
        for (Known one : erased) {
            once(written, "register " + one.id(), 1);
            once(written, "erase " + one.id(), 1);
        }
        notOnce.addAll(written.keySet());
    }

    /** Takes it out if there are as many entries as acknowledged acts; what is left nobody was told of. */
    private void once(Map<String, Integer> written, String act, int times) {
        Integer entries = written.remove(act);
        if ((entries == null ? 0 : entries) != times) {
            notOnce.add(act);
        }
    }

    private void look(RunningVault vault, String client, Known one) {
        Answer found = vault.call("POST", "/v1/patrons/search", client, RecordedLoad.search(one, RecordedLoad.FIELDS));
        JsonNode results = found.json().path("results");
        boolean isThere = results.size() == 1
                && results.at("/0/id").asText().equals(one.id())
                && RecordedLoad.FIELDS.stream().allMatch(field -> one.isToldIn(results.path(0), field));
        if (!isThere) {
            lost.add(one);
        }
    }

    private void lookForErased(RunningVault vault, String client, Known one) {
        Answer found = vault.call("POST", "/v1/patrons/search", client, RecordedLoad.search(one, List.of("phone")));
        if (found.status() != 200 || !found.json().path("results").isEmpty()) {
            lost.add(one);
        }
    }

    /** The entries of those who call in a load, by their number. */
    private static Map<Long, JsonNode> log(RunningVault vault) {
        String officer = vault.signIn("officer");
        Map<Long, JsonNode> log = new HashMap<>();
        long next = 0;
        // Each of these calls is logged too, so there is always one more; the last page is not a full one.
        int size;
        do {
            Answer page = vault.call("GET", "/v1/log/entries?from=" + next, officer);
            assertThat(page.status()).as("%s", page).isEqualTo(200);
            JsonNode entries = page.json().path("entries");
            size = entries.size();
            for (JsonNode entry : entries) {
                if (CALLERS.contains(entry.path("actor").asText())) {
                    log.put(next, entry);
                }
                next++;
            }
        } while (size == PAGE);
        return log;
    }

    /** Fails if anything was lost, unlogged, not done once, or answered as it should not be. */
    void requireNothing(RecordedLoad load) {
        assertThat(load.faults()).as("%s", load).isEmpty();
        assertThat(lost).as("acknowledged, and not so").isEmpty();
        assertThat(unlogged).as("received, and not in the log").isEmpty();
        assertThat(notOnce).as("done more than once, or never").isEmpty();
    }

    /** Acknowledged, and not there as it was acknowledged, or there though erased. */
    Set<Known> lost() {
        return lost;
    }

    /** Received, and not in the log. */
    Set<Released> unlogged() {
        return unlogged;
    }

    /** Acts that were done more than once, or never. */
    Set<String> notOnce() {
        return notOnce;
    }
}
