package org.patronvault.access;

import java.util.List;
import java.util.Optional;

/**
 * Why somebody may have a field, or may not.
 *
 * @param member the member of the policy that decides, such as {@code roles.circulation.opens}
 * @param line where it stands; 0 if nothing in the file decides
 * @param mask what the field is masked by, if it may be had
 * @param says the whole answer in plain sentences: what decides, how it is shown, what it counts against
 */
public record Explanation(boolean allowed, String member, int line, Optional<Mask> mask, List<String> says) {}
