package org.patronvault.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * How far the view by patron is (format.md, "View by patron"): every entry before {@code to} is in it. One that was
 * edited counts as none; an older one that was put back makes the view be filled from there once more.
 *
 * @param rows how many rows each month has that is in it
 */
record ViewState(long to, SortedMap<Integer, Long> rows) {
    static final String FACT = "log-view";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TO = "to";
    private static final String MONTHS = "months";
    private static final String MAC = "mac";

    static final ViewState NOTHING = new ViewState(0, new TreeMap<>());

    ViewState {
        rows = Collections.unmodifiableSortedMap(new TreeMap<>(rows));
    }

    /** The state that snapshot shows, if it is one of the vault's own. */
    static Optional<ViewState> read(Tx tx, UnsealedKeys keys) {
        return tx.fact(FACT).flatMap(text -> parse(text, keys));
    }

    private static Optional<ViewState> parse(String text, UnsealedKeys keys) {
        try {
            JsonNode json = JSON.readTree(text);
            SortedMap<Integer, Long> rows = new TreeMap<>();
            for (Map.Entry<String, JsonNode> month : json.path(MONTHS).properties()) {
                rows.put(Integer.valueOf(month.getKey()), month.getValue().asLong());
            }
            ViewState state = new ViewState(json.path(TO).asLong(), rows);
            byte[] mac = Base64.getDecoder().decode(json.path(MAC).asText());
            return keys.rows().verify(FACT, new byte[0], 0, state.body(), mac) ? Optional.of(state) : Optional.empty();
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void write(WriteTx tx, UnsealedKeys keys) {
        ObjectNode json = JSON.createObjectNode().put(TO, to);
        ObjectNode months = json.putObject(MONTHS);
        rows.forEach((month, count) -> months.put(Integer.toString(month), count));
        byte[] mac = keys.rows().mac(FACT, new byte[0], 0, body());
        json.put(MAC, Base64.getEncoder().encodeToString(mac));
        tx.setFact(FACT, json.toString());
    }

    private byte[] body() {
        CanonicalBytes body = CanonicalBytes.plain().u64(to);
        rows.forEach((month, count) -> body.u32(month).u64(count));
        return body.bytes();
    }

    /** This, gone on to another entry with so many more rows. */
    ViewState at(long next, Map<Integer, Integer> more) {
        SortedMap<Integer, Long> sum = new TreeMap<>(rows);
        more.forEach((month, count) -> sum.merge(month, (long) count, Long::sum));
        return new ViewState(next, sum);
    }

    /** This, without the months whose key is gone. */
    ViewState withoutDead(UnsealedKeys keys) {
        SortedMap<Integer, Long> living = new TreeMap<>(rows);
        living.keySet().removeIf(month -> !keys.hasContentKey(month));
        return new ViewState(to, living);
    }
}
