package org.patronvault.access;

import java.util.Optional;
import java.util.function.Function;
import org.patronvault.audit.Act;
import org.patronvault.audit.Approver;
import org.patronvault.audit.Outcome;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Leave to do something that takes two people and that the one who asks carries out himself, since it shows secrets or
 * asks for them: shares of a new root, a copy of the keys.
 *
 * @param filed the request that waits; empty if he may go on
 * @param second who agreed, if two were needed
 */
public record ApprovalGrant(Optional<Approval> filed, Optional<Approver> second) {
    /** Where one person is enough. */
    public static final ApprovalGrant NOT_NEEDED = new ApprovalGrant(Optional.empty(), Optional.empty());

    /** The name of what such a request results in. */
    static final String RESULT = "leave";

    /**
     * The act of giving it.
     *
     * @param sentence what is asked, in words
     */
    static TwoPersonAct act(Act act, SecondPerson second, Function<ApprovalTerms, String> sentence) {
        return new GrantAct(act, second, sentence);
    }

    record GrantAct(Act act, SecondPerson second, Function<ApprovalTerms, String> sentence) implements TwoPersonAct {
        @Override
        public Outcome outcome() {
            return Outcome.CONFIGURATION;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return sentence.apply(ask);
        }

        @Override
        public Optional<String> secretName() {
            return Optional.of(RESULT);
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    return true;
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    // What is given is the leave; it waits for the asker like any other result.
                }

                @Override
                public Optional<String> secret() {
                    return Optional.of("given");
                }
            };
        }
    }
}
