package org.patronvault.access;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.patronvault.model.Actor;

/**
 * A request that waits, or waited, for a second person.
 *
 * @param sentence what is asked, in words
 * @param digest what a second person agrees to, in hexadecimal
 * @param needs how many others must agree
 * @param second who that may be
 * @param gains whose account has more afterwards, who cannot agree either
 * @param secretName the JSON member of a result that waits for its asker
 */
public record Approval(
        String id,
        String kind,
        String about,
        String sentence,
        Map<String, List<String>> terms,
        String digest,
        String requester,
        Instant filed,
        Instant expires,
        State state,
        int needs,
        List<String> approvers,
        SecondPerson second,
        Optional<String> gains,
        Optional<String> secretName) {

    /** Whether it waits for a yes and theirs would count. */
    public boolean waitsFor(Actor person) {
        return state == State.PENDING
                && second.isQualified(person)
                && !requester.equals(person.name())
                && !gains.equals(Optional.of(person.name()))
                && !approvers.contains(person.name());
    }

    /** Whether its asker now has to do it: what was agreed to is that he may. */
    public boolean isLeaveGiven() {
        return state == State.DONE && secretName.equals(Optional.of(ApprovalGrant.RESULT));
    }

    /** Where it stands. */
    public enum State {
        PENDING,
        DONE,
        REJECTED,
        EXPIRED;

        /** The name in answers. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
