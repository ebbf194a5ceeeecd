package org.patronvault.core.policy;

import java.util.Set;

/**
 * The policy's limits on mailings (P9).
 *
 * @param most addresses in one file
 * @param alone addresses that one person may take out within a day without a second
 */
public record MailingPolicy(int most, int alone) {
    /** The member of a policy that {@link #read} reads. */
    static final String MEMBER = "mailings";

    private static final String MOST = "most";
    private static final String ALONE = "alone";
    private static final int MAX = 1_000_000;
    private static final MailingPolicy UNSAID = new MailingPolicy(100_000, 500);

    /** Reads these limits from the policy, or returns the defaults if there are none. */
    static MailingPolicy read(YamlNode root, PolicyReader reader) {
        YamlNode node = root.member(MEMBER);
        if (!node.isSaid() || !reader.requireMembers(node, Set.of(MOST, ALONE), " in " + MEMBER)) {
            return UNSAID;
        }
        return new MailingPolicy(
                number(node.member(MOST), UNSAID.most, reader, MOST),
                number(node.member(ALONE), UNSAID.alone, reader, ALONE));
    }

    private static int number(YamlNode written, int unsaid, PolicyReader reader, String name) {
        if (!written.isSaid()) {
            return unsaid;
        }
        int number = written.wholeNumber();
        if (number < 1 || number > MAX) {
            reader.fault(written, "has a mailings." + name + " other than 1 to " + MAX);
        }
        return number;
    }
}
