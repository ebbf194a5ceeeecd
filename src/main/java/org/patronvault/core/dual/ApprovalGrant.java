package org.patronvault.core.dual;

import java.util.Optional;
import java.util.function.Function;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * Permission for an act that needs two people and that the requester carries out. Such an act shows or asks for
 * secrets: shares of a new root, a copy of the keys.
 *
 * @param filed the request that waits; empty if the requester may go on
 * @param second the person who approved, if two were needed
 */
public record ApprovalGrant(Optional<Approval> filed, Optional<Approver> second) {
    /** The grant for an act that needs one person. */
    public static final ApprovalGrant NOT_NEEDED = new ApprovalGrant(Optional.empty(), Optional.empty());

    /** The name of such a request's result. */
    static final String RESULT = "leave";

    /**
     * Returns the act of granting it.
     *
     * @param sentence the request, in words
     */
    static TwoPersonAct act(ActKind act, SecondPerson second, Function<ApprovalTerms, String> sentence) {
        return new GrantAct(act, second, sentence);
    }

    record GrantAct(ActKind act, SecondPerson second, Function<ApprovalTerms, String> sentence)
            implements TwoPersonAct {
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
                    // The result is the grant; it waits for the requester like any other result.
                }

                @Override
                public Optional<String> secret() {
                    return Optional.of("given");
                }
            };
        }
    }
}
