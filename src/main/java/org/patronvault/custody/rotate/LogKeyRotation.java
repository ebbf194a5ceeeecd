package org.patronvault.custody.rotate;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The hand-over of the log to a new signing key (format.md, "Hand-over of the signing key"). The ring holds the
 * progress. While the old version is active beside the new one, both sign every checkpoint, which says so. Once such a
 * checkpoint is in the database, the old version is retired, and the new key signs alone.
 */
public final class LogKeyRotation implements KeyOperation {
    public static final String KIND = "handover";

    private static final int RETRY_SECONDS = 1;

    private final KeyCustody custody;
    private final AuditLog log;

    LogKeyRotation(KeyCustody custody, AuditLog log) {
        this.custody = custody;
        this.log = log;
    }

    @Override
    public String kind() {
        return KIND;
    }

    /** Returns 1, for the one checkpoint that both keys sign. */
    @Override
    public long total(Tx tx, String field) {
        return 1;
    }

    /** Continues a hand-over that failed, or whose operation was never written. */
    @Override
    public void begin(WriteTx tx, String field) {
        if (before().isEmpty()) {
            custody.addVersion(KeyName.LOG_SIGNING);
        }
    }

    private List<RingKey> before() {
        return custody.keys().inventory().stream()
                .filter(key -> key.name().equals(KeyName.LOG_SIGNING) && key.state() == KeyState.ACTIVE)
                .toList();
    }

    @Override
    public Run run(Operation operation) {
        return new Signing();
    }

    private final class Signing implements Run {
        private SignedCheckpoint signed;

        /** Moves no values: the log itself writes the checkpoint. */
        @Override
        public Optional<Batch> next(int atMost) {
            // A verifier without the database follows this checkpoint from one key to the next.
            try {
                signed = log.publishedCheckpoint();
            } catch (UncheckedIOException e) {
                throw new Refused(Problem.BUSY, "The checkpoint cannot be published just now.", RETRY_SECONDS);
            }
            return Optional.empty();
        }

        /** Fails, with both keys still signing, if the checkpoint was replaced. */
        @Override
        public Operation end(WriteTx tx, Operation now) {
            List<RingKey> before = before();
            if (!before.isEmpty() && !isHandedOver(tx)) {
                return now.complete(1);
            }
            before.forEach(key -> custody.retire(key.name(), key.version()));
            return now.moved(1, "").complete(0);
        }

        private boolean isHandedOver(Tx tx) {
            return signed.handsOver()
                    && tx.log()
                            .checkpoint(signed.size())
                            .map(note -> new SignedCheckpoint(signed.size(), note).text())
                            .filter(signed.text()::equals)
                            .isPresent();
        }
    }
}
