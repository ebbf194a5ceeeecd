package org.patronvault.upkeep;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.access.AccessLogPolicy;
import org.patronvault.access.Policy;
import org.patronvault.audit.FutureMonths;
import org.patronvault.custody.KeyCopies;
import org.patronvault.keys.KeyName;
import org.patronvault.keys.Waits;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Refused;
import org.patronvault.privacy.LogRetention;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.StoreSettings;
import org.patronvault.store.Tx;

/**
 * The doctor's check of log months past their retention, and of key copies that still hold their keys. It does not
 * verify the MACs of file and rows, so nothing is decided by it.
 */
final class RetentionLook {
    private static final String CHECK = "retention";
    private static final Duration LATE = LogRetention.WAIT.plusDays(2);

    private final Supplier<StoreSettings> settings;
    private final Supplier<Policy> policy;
    private final Path node;
    private final Clock clock;

    RetentionLook(Supplier<StoreSettings> settings, Supplier<Policy> policy, Path node, Clock clock) {
        this.settings = settings;
        this.policy = policy;
        this.node = node;
        this.clock = clock;
    }

    List<Doctor.Line> look() {
        try (Store store = Store.openToRead(settings.get())) {
            AccessLogPolicy keeps = policy.get().accessLog();
            List<Doctor.Line> lines = new ArrayList<>();
            lines.add(due(keeps, new TreeMap<>(Waits.unproven(node.resolve(LogRetention.WAITS)))));
            SortedSet<YearMonth> ahead = store.read(tx -> FutureMonths.in(tx, clock.instant()));
            if (!ahead.isEmpty()) {
                lines.add(ahead(keeps, ahead));
            }
            List<String> remembering = store.read(RetentionLook::remembering);
            if (!remembering.isEmpty()) {
                lines.add(copies(remembering));
            }
            return lines;
        } catch (Refused | StoreException | IntegrityException e) {
            return List.of(new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "What the log forgets cannot be read; see policy and database."));
        }
    }

    private static List<String> remembering(Tx tx) {
        List<String> forgotten =
                List.of(tx.fact(LogRetention.FORGOTTEN).orElse("").split(" "));
        return KeyCopies.holdingWritten(tx, KeyName.LOG_CONTENT, month -> forgotten.contains(Integer.toString(month)));
    }

    private static Doctor.Line ahead(AccessLogPolicy keeps, SortedSet<YearMonth> months) {
        return new Doctor.Line(
                CHECK,
                Doctor.Verdict.NOTE,
                "A clock was ahead: the log has entries of "
                        + months.stream().map(YearMonth::toString).collect(Collectors.joining(", "))
                        + ". Whom they are about it says "
                        + keeps.over(months.last()).map(day -> "until " + day).orElse("for ever")
                        + ".");
    }

    private static Doctor.Line due(AccessLogPolicy keeps, Map<String, Long> waits) {
        String says = "The log says " + keeps.time() + " whom it was about. ";
        if (waits.isEmpty()) {
            return new Doctor.Line(CHECK, Doctor.Verdict.FINE, says + "No month is due to be forgotten.");
        }
        String months = waits.entrySet().stream()
                .map(one -> month(one.getKey()) + " " + when(one.getValue()))
                .collect(Collectors.joining(", "));
        boolean late = waits.values().stream().anyMatch(waited -> waited > LATE.toSeconds());
        return new Doctor.Line(
                CHECK,
                late ? Doctor.Verdict.WRONG : Doctor.Verdict.NOTE,
                says + "To be forgotten: " + months + "."
                        + (late ? " Something hinders that: run `log verify` and `check`." : ""));
    }

    private static String month(String yyyymm) {
        return yyyymm.length() == 6 ? yyyymm.substring(0, 4) + "-" + yyyymm.substring(4) : yyyymm;
    }

    private static String when(long waited) {
        Duration left = LogRetention.WAIT.minusSeconds(waited);
        return left.compareTo(Duration.ZERO) > 0
                ? "in " + left.toDays() + " days and " + left.toHoursPart() + " hours of service"
                : "any moment";
    }

    private static Doctor.Line copies(List<String> ids) {
        return new Doctor.Line(
                CHECK,
                Doctor.Verdict.NOTE,
                "Copies of the keys still say whom months were about that are forgotten: " + String.join(", ", ids)
                        + ". Make new ones, destroy these, and name them with --gone at the next `keys destroy`.");
    }
}
