package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.log.tree.WitnessPeer;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.VerifierKey;

/**
 * The settings in {@code vault.yaml} for copies of the log's checkpoints outside.
 *
 * @param witnesses the witnesses asked to sign
 * @param witnessWait minutes without a new signature of a witness before an alert
 * @param dailyCheckpoint a program and its arguments as written, or empty
 */
public record LogSettings(List<WitnessPeer> witnesses, int witnessWait, List<String> dailyCheckpoint) {
    static final Set<String> MEMBERS = Set.of("witnesses", "witnessWait", "dailyCheckpoint");

    private static final int MAX_WITNESSES = 16;
    private static final int MAX_NAME = 200;

    static LogSettings read(JsonNode node) {
        return new LogSettings(
                witnesses(node.path("witnesses")),
                Settings.number(node.path("witnessWait"), 60, 1, 10_080, "log.witnessWait"),
                Settings.program(node.path("dailyCheckpoint"), "log.dailyCheckpoint"));
    }

    private static List<WitnessPeer> witnesses(JsonNode node) {
        List<WitnessPeer> peers = new ArrayList<>();
        if (!node.isMissingNode() && (!node.isArray() || node.size() > MAX_WITNESSES)) {
            throw Settings.wrong("must give log.witnesses as a list of at most " + MAX_WITNESSES);
        }
        node.forEach(one -> {
            Settings.requireMembers(one, "log.witnesses");
            peers.add(new WitnessPeer(
                    WebAddress.of(one.path("url").asText(), "the url of each of log.witnesses"),
                    key(one.path("key").asText())));
        });
        Set<String> names = peers.stream().map(WitnessPeer::name).collect(Collectors.toSet());
        if (names.size() < peers.size()) {
            throw Settings.wrong("names a witness twice");
        }
        return peers;
    }

    private static VerifierKey key(String text) {
        try {
            VerifierKey key = VerifierKey.parse(text);
            if (key.type() == SignatureType.COSIGNATURE_V1 && key.name().length() <= MAX_NAME) {
                return key;
            }
        } catch (MalformedException e) {
            // The message below reports it.
        }
        throw Settings.wrong("must give the key of each of log.witnesses as the line that the witness prints");
    }

    /** Returns the program that gets each day's checkpoint. A relative path starts in the home. */
    public List<String> dailyCheckpointOf(Home home) {
        return Settings.programOf(home, dailyCheckpoint);
    }
}
