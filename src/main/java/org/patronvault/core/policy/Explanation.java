package org.patronvault.core.policy;

import java.util.List;
import java.util.Optional;

/**
 * The reason why a role may have a field, or may not.
 *
 * @param member the policy's member that decides, such as {@code roles.circulation.opens}
 * @param line its line in the file; 0 if nothing in the file decides
 * @param mask the field's mask, if it may be had
 * @param says the whole answer in plain sentences: the rule, the form shown, the limits it counts against
 */
public record Explanation(boolean allowed, String member, int line, Optional<Mask> mask, List<String> says) {}
