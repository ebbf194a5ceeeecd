package org.patronvault.core.dual;

import java.util.Optional;
import java.util.Set;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** An act for which, after commissioning, one person may not be enough. */
public interface TwoPersonAct {

    /** Returns its name in the log. */
    ActKind act();

    /** Returns its outcome in the log once it is carried out. */
    default Outcome outcome() {
        return Outcome.CONFIGURATION;
    }

    /** Returns the kind of person who may approve it. */
    default SecondPerson second() {
        return SecondPerson.ADMINISTRATION;
    }

    /** Returns a sentence on the request, for the second person. */
    String sentence(ApprovalTerms ask);

    /** Returns the account that gains; its owner can neither request the act nor approve it. */
    default Optional<String> gains(ApprovalTerms ask) {
        return Optional.empty();
    }

    /**
     * Returns the JSON member for the secret that this act results in, such as a client's key; empty if there is none.
     */
    default Optional<String> secretName() {
        return Optional.empty();
    }

    /**
     * Checks the terms and does slow work, before the act.
     *
     * @throws org.patronvault.core.model.Refused if the terms are invalid
     */
    PreparedAct prepare(ApprovalTerms ask);

    /** A prepared act, inside the act. */
    interface PreparedAct {
        /**
         * Whether two people are needed now.
         *
         * @throws org.patronvault.core.model.Refused if it cannot be done at all
         */
        boolean needsSecond(Tx tx);

        /** Writes the act, for these people. */
        void carryOut(WriteTx tx, Signatories by);

        /** Returns the alerts to raise; called in the act after the act. */
        default Set<Alert> alerts(Tx tx) {
            return Set.of();
        }

        /** Adds to the log entry. */
        default AccessEvent logged(AccessEvent event) {
            return event;
        }

        /** Returns the result that the requester sees once. */
        default Optional<String> secret() {
            return Optional.empty();
        }

        /** Runs after COMMIT. */
        default void done() {}
    }
}
