package org.patronvault.core.log;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LatestEntryFacts;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogAnchor;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;

/** The creation of a new vault's log. */
public final class LogInitializer {
    private LogInitializer() {}

    /** Creates the log of a new vault and the anchor of this node. The first entry names the key that signs the log. */
    public static void create(Store store, KeyCustody custody, Clock clock, Path node, String administrator) {
        Frontier frontier = Frontier.empty();
        AccessEvent first = AccessEvent.of(
                        clock.instant(),
                        Actor.VAULT,
                        ActKind.CREATE_VAULT,
                        Outcome.CONFIGURATION,
                        AuditLog.newRequest())
                .about(administrator)
                .marking(custody.mark())
                .naming(custody.keys().logSigning().publicKey());
        byte[] leaf = Leaf.encode(first);
        store.write(tx -> {
            if (tx.head().isPresent() || !tx.putFact("vault", custody.keys().vaultId())) {
                throw new Refused(Problem.HOME_EXISTS, "The database holds a vault already.");
            }
            tx.log().begin(new LogHead(0, frontier.encode()));
            frontier.append(MerkleHash.leaf(leaf));
            tx.log().append(0, List.of(leaf), new LogHead(1, frontier.encode()));
            tx.setFact(LatestEntryFacts.KEY, "0");
            return null;
        });
        LogAnchor.make(node, custody.keys(), new LogHead(frontier.size(), frontier.encode()));
    }
}
