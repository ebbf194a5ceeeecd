package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.LongRun;

/** Tests of many desks at once over HTTP: as many entries as answers, in sequence, none twice and none missing. */
final class ManyRevealsTest {
    private static final int DESKS = 64;
    private static final int EACH = LongRun.times(25, 500);

    @Test
    void everyRevealHasAnEntryOfItsOwnWithoutAGap() throws Exception {
        try (ServedVault served = new ServedVault()) {
            served.staff("kim", "circulation");
            List<PatronId> patrons = new ArrayList<>();
            for (int n = 0; n < 8; n++) {
                patrons.add(served.vault()
                        .register("'card':'M" + n + "','name':{'family':'Doe'},'phone':['203-555-010" + n + "']"));
            }
            String token = served.post("/v1/sessions", ServedVault.credentials("kim", ServedVault.PASSWORD))
                    .json()
                    .path("token")
                    .asText();
            long before = served.vault().logSize();
            ExecutorService desks = Executors.newFixedThreadPool(DESKS);
            List<Future<BitSet>> working = new ArrayList<>();
            for (int desk = 0; desk < DESKS; desk++) {
                PatronId patron = patrons.get(desk % patrons.size());
                working.add(desks.submit(() -> reveal(served, token, patron, before)));
            }
            BitSet entries = new BitSet();
            for (Future<BitSet> one : working) {
                BitSet own = one.get();
                assertThat(own.cardinality()).isEqualTo(EACH);
                assertThat(own.intersects(entries)).isFalse();
                entries.or(own);
            }
            desks.shutdown();
            assertThat(entries.nextClearBit(0)).isEqualTo(DESKS * EACH);
            assertThat(served.vault().logSize()).isEqualTo(before + (long) DESKS * EACH);
            assertThat(LogVerifier.verify(served.vault().vault().store(), List.of())
                            .ok())
                    .isTrue();
        }
    }

    /** The entries that the answers name, counted from {@code first}. */
    private static BitSet reveal(ServedVault served, String token, PatronId patron, long first) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        body.putArray("fields").add("phone");
        BitSet entries = new BitSet();
        for (int n = 0; n < EACH; n++) {
            ServedVault.Answer answer = served.call("POST", "/v1/patrons/" + patron + "/reveal", token, body);
            assertThat(answer.status()).isEqualTo(200);
            entries.set((int) (answer.json().path("entry").asLong() - first));
        }
        return entries;
    }
}
