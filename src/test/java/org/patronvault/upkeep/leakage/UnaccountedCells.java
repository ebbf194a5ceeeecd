package org.patronvault.upkeep.leakage;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.ledger.LedgerNotes;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;

/**
 * The check that unencrypted values are what the vault writes. Rows of an unknown kind, and values without the vault's
 * form, could say anything. For one thread.
 */
final class UnaccountedCells {
    /** No key is rotated more often while a value that could not be moved stays behind. */
    private static final int MAX_KEK_VERSIONS = 50;

    /** Acts on patrons: unencrypted text in their entries would be about the patrons they name. */
    private static final Set<ActKind> OF_PATRONS = Collections.unmodifiableSet(EnumSet.of(
            ActKind.SEARCH,
            ActKind.REVEAL,
            ActKind.VERIFY,
            ActKind.REGISTER,
            ActKind.CHANGE,
            ActKind.REPLACE_CARD,
            ActKind.ERASE,
            ActKind.IMPORT,
            ActKind.ACCESSES,
            ActKind.FACTS,
            ActKind.MERGE,
            ActKind.PROTECT,
            ActKind.CONSENT,
            ActKind.UNSUBSCRIBE,
            ActKind.FORGET,
            ActKind.CARRY));

    /** These acts, and two about patrons of which only a number exists. */
    private static final Set<ActKind> ABOUT_NOTHING = Stream.concat(
                    OF_PATRONS.stream(), Stream.of(ActKind.ENTITLEMENT, ActKind.LEAKAGE, ActKind.STATISTICS))
            .collect(Collectors.toUnmodifiableSet());

    /** Acts in which a patron says yes or no. */
    private static final Set<ActKind> SAID = Set.of(ActKind.CONSENT, ActKind.UNSUBSCRIBE);

    private final Map<String, Map<Integer, Long>> kekVersions = new HashMap<>();

    /** Returns the columns with unknown content, none if all is well. */
    List<String> unaccounted(Row row) {
        String kind = KnownColumns.kindOf(row.layout().name());
        if (!kind.isEmpty() && row.isOfUnknownKind()) {
            return List.of(kind);
        }
        if (row.layout().name().equals("patron")) {
            count(row);
        }
        return switch (row.layout().name()) {
            case "patron" -> patron(row);
            case "access_log" -> entry(row.value("leaf"));
            default -> List.of();
        };
    }

    /** If it is no entry, all of it should look random. */
    private static List<String> entry(byte[] leaf) {
        try {
            AccessEvent event = LeafInClear.of(leaf).event();
            return Stream.concat(
                            told(mayBeAbout(event), "access_log.leaf (what it is about)").stream(),
                            told(mayCount(event), "access_log.leaf (how many it counts)").stream())
                    .toList();
        } catch (IntegrityException e) {
            return List.of();
        }
    }

    /** An alert names its kind. Other such acts name only the patrons, in encrypted form. */
    private static boolean mayBeAbout(AccessEvent event) {
        // In a mailing these entries name patrons.
        boolean isOpened = event.act() == ActKind.MAILING && event.outcome() == Outcome.DISCLOSED;
        return event.about().isEmpty()
                || !(isOpened || ABOUT_NOTHING.contains(event.act()))
                || (SAID.contains(event.act())
                        && LedgerNotes.isAbout(event.about().get()))
                || (event.outcome() == Outcome.ALERT
                        && Alert.ofSlug(event.about().get()).isPresent());
    }

    /** Attempts without an entry of their own are counted. Otherwise one act is one entry. */
    private static boolean mayCount(AccessEvent event) {
        return event.count().isEmpty()
                || !OF_PATRONS.contains(event.act())
                || event.outcome() == Outcome.REFUSED
                || event.outcome() == Outcome.FAILED;
    }

    private static List<String> told(boolean isWell, String column) {
        return isWell ? List.of() : List.of(column);
    }

    private static List<String> patron(Row row) {
        return CopyContents.IN_CLEAR.keySet().stream()
                .filter(column -> row.value(column) != null && !CopyContents.isOfForm(column, row.text(column)))
                .map(column -> "patron." + column)
                .toList();
    }

    private void count(Row row) {
        for (PatronField field : PatronField.values()) {
            Map<Integer, Long> counts = kekVersions.computeIfAbsent(field.wireName(), any -> new HashMap<>());
            int version = CopyContents.kekVersion(row.value(field.wireName()));
            boolean isCounted = counts.size() < MAX_KEK_VERSIONS || counts.containsKey(version);
            // If there are too many versions, their number alone suffices.
            counts.merge(isCounted ? version : 0, 1L, Long::sum);
        }
    }

    /** Returns faults that show only after all rows of a table. */
    List<String> unaccounted(Layout table) {
        return told(
                !table.name().equals("patron")
                        || kekVersions.values().stream().allMatch(UnaccountedCells::isOfOneRotation),
                "patron (version of a cell's key)");
    }

    /**
     * Whether nearly all values of a field use two KEK versions. A rotation moves them from one version to the next,
     * and none begins before the last has ended. Values that could not be moved stay behind.
     */
    private static boolean isOfOneRotation(Map<Integer, Long> counts) {
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        long ofTwo = counts.values().stream()
                .sorted(Comparator.reverseOrder())
                .limit(2)
                .mapToLong(Long::longValue)
                .sum();
        return counts.size() <= MAX_KEK_VERSIONS && !Chance.isExceeded(Tally.RARE_SHARE * all, all - ofTwo);
    }
}
