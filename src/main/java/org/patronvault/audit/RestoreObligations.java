package org.patronvault.audit;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.keys.LedgerLine.ForgottenAt;
import org.patronvault.keys.LedgerLine.Revoked;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/**
 * What is to be made good in a database that was put back.
 *
 * @param erased who is not to be there, with the entry that said so
 * @param emptied of whom which fields were erased that this database may still have
 * @param withdrawn who took which consent back, and was not erased since
 * @param forgotten who was forgotten at which vendors, sealed, and was not erased since
 * @param revoked from whom something was taken away that this database does not know of; that it was given again since
 *     is not known
 */
public record RestoreObligations(
        Map<PatronId, Long> erased,
        Map<PatronId, Set<PatronField>> emptied,
        Map<PatronId, Set<String>> withdrawn,
        Map<PatronId, List<ForgottenAt>> forgotten,
        List<Revoked> revoked) {}
