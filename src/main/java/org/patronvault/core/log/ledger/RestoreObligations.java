package org.patronvault.core.log.ledger;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.keys.LedgerLine.ForgottenAt;
import org.patronvault.core.keys.LedgerLine.Revoked;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * The obligations to be met in a database that was restored from a backup.
 *
 * @param erased patrons that must not be there, with the entry that records the erasure
 * @param emptied the erased fields of each patron that this database may still have
 * @param withdrawn the withdrawn consents of each patron that was not erased since
 * @param forgotten the patrons that were forgotten at vendors and not erased since, sealed
 * @param revoked lost rights that this database does not record; whether they were granted again since is unknown
 */
public record RestoreObligations(
        Map<PatronId, Long> erased,
        Map<PatronId, Set<PatronField>> emptied,
        Map<PatronId, Set<String>> withdrawn,
        Map<PatronId, List<ForgottenAt>> forgotten,
        List<Revoked> revoked) {}
