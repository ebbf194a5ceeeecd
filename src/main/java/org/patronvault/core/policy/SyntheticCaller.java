package org.patronvault.core.policy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.patronvault.core.model.Actor;

/**
 * An invented caller, a person in one role or a client with one scope, for asking the policy without an account.
 *
 * @param name of the role or scope
 * @param libraries the home libraries of patrons to ask about
 */
record SyntheticCaller(String words, String name, Caller caller, List<String> libraries) {
    static final String OWN = "own";
    static final String OTHER = "other";

    static SyntheticCaller role(String name) {
        Caller person = Caller.person(new Actor(Actor.Kind.STAFF, "somebody", name, OWN));
        return new SyntheticCaller("Role " + name, name, person, List.of(OWN, OTHER));
    }

    static SyntheticCaller scope(String name) {
        Actor actor = new Actor(Actor.Kind.CLIENT, "some-client", name, "");
        Caller client = new Caller(actor, Set.of(name), Optional.empty(), Optional.empty(), OptionalInt.empty(), true);
        return new SyntheticCaller("Scope " + name, name, client, List.of(OTHER));
    }

    /** Returns words for some of {@link #libraries}; none if they are all. */
    String ofPatrons(Set<String> of) {
        return of.size() == libraries.size()
                ? ""
                : " of patrons of " + (of.contains(OWN) ? "the own" : "another") + " library";
    }
}
