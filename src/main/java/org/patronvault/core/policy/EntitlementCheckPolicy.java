package org.patronvault.core.policy;

import java.util.List;

/**
 * The limits on entitlement checks (P8), from {@code policy.yaml}.
 *
 * @param cardMinute checks of one card by one client in a minute
 * @param clientMinute checks by one client in a minute, unless the client has a number of its own
 * @param wrongPins wrong PINs for one card in ten minutes, from all clients; beyond them every PIN is refused
 */
public record EntitlementCheckPolicy(int cardMinute, int clientMinute, int wrongPins) {
    /** The member of a policy that {@link #read} reads. */
    static final String MEMBER = "checks";

    private static final String CARD = "cardMinute";
    private static final String CLIENT = "clientMinute";
    private static final String PINS = "wrongPins";
    private static final int MAX_CARD = 1_000_000;
    /** The most checks in a minute that the policy, or a client's own number, can allow. */
    public static final int MAX_CLIENT = 10_000_000;

    private static final int MAX_PINS = 1_000;
    private static final EntitlementCheckPolicy UNSAID = new EntitlementCheckPolicy(600, 600, 50);

    /** Reads these limits from the policy, or returns the defaults if there are none. */
    static EntitlementCheckPolicy read(YamlNode root, PolicyReader reader) {
        YamlNode node = reader.only(root, MEMBER, CARD, CLIENT, PINS);
        return new EntitlementCheckPolicy(
                number(node, CARD, UNSAID.cardMinute, MAX_CARD, reader),
                number(node, CLIENT, UNSAID.clientMinute, MAX_CLIENT, reader),
                number(node, PINS, UNSAID.wrongPins, MAX_PINS, reader));
    }

    private static int number(YamlNode node, String name, int unsaid, int most, PolicyReader reader) {
        YamlNode written = node.member(name);
        if (!written.isSaid()) {
            return unsaid;
        }
        int number = written.wholeNumber();
        if (number < 1 || number > most) {
            reader.fault(written, "has a " + MEMBER + "." + name + " other than 1 to " + most);
        }
        return number;
    }

    /** Returns the limits in words. */
    public List<String> words() {
        return List.of(
                "of one card by one client: " + cardMinute + " a minute",
                "by one client without a number of its own: " + clientMinute + " a minute",
                "wrong PINs for one card: " + wrongPins + " in ten minutes");
    }
}
