package org.patronvault.access;

import java.util.Optional;
import java.util.Set;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Outcome;
import org.patronvault.model.Alert;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/** An act for which, after commissioning, one person may not be enough. */
public interface TwoPersonAct {

    /** What the log calls it. */
    Act act();

    /** How the log says that it ended once it is carried out. */
    default Outcome outcome() {
        return Outcome.CONFIGURATION;
    }

    /** Who may agree to it. */
    default SecondPerson second() {
        return SecondPerson.ADMINISTRATION;
    }

    /** What is asked, in a sentence for the second person. */
    String sentence(ApprovalTerms ask);

    /** The account that has more afterwards than before; its owner can neither ask for it nor agree to it. */
    default Optional<String> gains(ApprovalTerms ask) {
        return Optional.empty();
    }

    /** The JSON member that carries the secret this act results in, such as a client's key; empty where there is none. */
    default Optional<String> secretName() {
        return Optional.empty();
    }

    /**
     * Checks what can be checked, and does slow work, before the unit.
     *
     * @throws org.patronvault.model.Refused if the terms make no sense
     */
    PreparedAct prepare(ApprovalTerms ask);

    /** An act about to be carried out, inside the unit. */
    interface PreparedAct {
        /**
         * Whether two are needed as things are now.
         *
         * @throws org.patronvault.model.Refused if it cannot be done at all
         */
        boolean needsSecond(Tx tx);

        /** Writes, for these people. */
        void carryOut(WriteTx tx, Signatories by);

        /** The alerts to raise, asked for in the unit after the act. */
        default Set<Alert> alerts(Tx tx) {
            return Set.of();
        }

        /** What the log says of it beyond the usual. */
        default AccessEvent logged(AccessEvent event) {
            return event;
        }

        /** What its asker gets to see once. */
        default Optional<String> secret() {
            return Optional.empty();
        }

        /** After COMMIT. */
        default void done() {}
    }
}
