package org.patronvault.access;

import java.util.Optional;
import java.util.function.Function;
import org.patronvault.audit.Act;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Second;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Leave to do something that takes two people and that the one who asks carries out himself, since it shows secrets or
 * asks for them: shares of a new root, a copy of the keys.
 *
 * @param filed the request that waits; empty if he may go on
 * @param second who agreed, if two were needed
 */
public record Leave(Optional<Approval> filed, Optional<Second> second) {
    /** Where one person is enough. */
    public static final Leave NOT_NEEDED = new Leave(Optional.empty(), Optional.empty());

    /** The name of what such a request results in. */
    static final String RESULT = "leave";

    /**
     * The act of giving it.
     *
     * @param sentence what is asked, in words
     */
    static TwoPersonAct act(Act act, SecondPerson second, Function<Ask, String> sentence) {
        return new Giving(act, second, sentence);
    }

    record Giving(Act act, SecondPerson second, Function<Ask, String> sentence) implements TwoPersonAct {
        @Override
        public Outcome outcome() {
            return Outcome.CONFIGURATION;
        }

        @Override
        public String sentence(Ask ask) {
            return sentence.apply(ask);
        }

        @Override
        public Optional<String> secretName() {
            return Optional.of(RESULT);
        }

        @Override
        public Ready prepare(Ask ask) {
            return new Ready() {
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
