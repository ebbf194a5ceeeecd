package org.patronvault.custody.destroy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests of two nodes that carry one destruction out at the same moment. */
final class KeyDestructionOnTwoNodesTest {
    private static final Actor CORA = new Actor(Actor.Kind.STAFF, "cora", "custodian", "");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    @Test
    void whatBothNodesFoundPastItsPointOfNoReturnIsFinishedOnce(@TempDir Path directory) {
        AtomicLong nanos = new AtomicLong();
        try (OpenVault here = OpenVault.onPostgres();
                OpenVault there = here.another()) {
            here.enrol(CORA, CARL);
            here.register("'card':'B1','name':{'family':'Both'}");
            assertThat(here.rotate("phone").state()).isEqualTo(Operation.DONE);
            here.backup().make(OpenVault.person("custodian"), directory.resolve("backup"), Progress.UNSEEN);
            KeyDestruction one = new KeyDestruction(here.destruction(7), nanos::get);
            KeyDestruction two = new KeyDestruction(there.destruction(7), nanos::get);
            assertThat(one.ask(Approvals.Requester.of(CORA, Optional.of(CARL)), "phone", 1, List.of())
                            .filed())
                    .isEmpty();
            long before = here.logSize();
            one.begin(one.find("phone", 1).orElseThrow());
            Operation begun = two.find("phone", 1).orElseThrow();

            one.finish(begun);
            two.finish(begun);

            assertThat(here.logSince(before))
                    .filteredOn(entry -> entry.act() == ActKind.DESTROY && entry.outcome() == Outcome.KEY)
                    .as("the point of no return, and the end")
                    .hasSize(2);
            assertThat(two.find("phone", 1).orElseThrow().state()).isEqualTo(Operation.DONE);
        }
    }
}
