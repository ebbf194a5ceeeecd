package org.patronvault.core.dual;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.model.Actor;

/**
 * A request that waits, or waited, for a second person.
 *
 * @param sentence the request, in words
 * @param digest the digest that a second person approves, in hexadecimal
 * @param needs how many others must approve
 * @param second the kind of person who may approve
 * @param gains the account that has more afterwards; its owner cannot approve either
 * @param secretName the JSON member of a result that waits for the requester
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

    /** Whether the request is undecided and this person's approval would count. */
    public boolean waitsFor(Actor person) {
        return state == State.PENDING
                && second.isQualified(person)
                && !requester.equals(person.name())
                && !gains.equals(Optional.of(person.name()))
                && !approvers.contains(person.name());
    }

    /** Whether the requester now has to carry out the act: the approval gave permission for it. */
    public boolean isLeaveGiven() {
        return state == State.DONE && secretName.equals(Optional.of(ApprovalGrant.RESULT));
    }

    /** The state of a request. */
    public enum State {
        PENDING,
        DONE,
        REJECTED,
        EXPIRED;

        /** Returns the name in answers. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
