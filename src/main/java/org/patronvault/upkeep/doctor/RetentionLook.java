package org.patronvault.upkeep.doctor;

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
import org.patronvault.core.keys.Waits;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.log.entry.FutureMonths;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.AccessLogPolicy;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.custody.destroy.KeyCopies;
import org.patronvault.log.retention.LogRetention;

/**
 * The doctor's check of log months past their retention, and of key copies that still hold their keys. It does not
 * verify the MACs of file and rows, so nothing is decided by it.
 */
public final class RetentionLook implements Doctor.Look {
    private static final String CHECK = "retention";
    private static final Duration LATE = LogRetention.WAIT.plusDays(2);

    private final Supplier<StoreSettings> settings;
    private final Supplier<Policy> policy;
    private final Path node;
    private final Clock clock;

    public RetentionLook(Supplier<StoreSettings> settings, Supplier<Policy> policy, Path node, Clock clock) {
        this.settings = settings;
        this.policy = policy;
        this.node = node;
        this.clock = clock;
    }

    @Override
    public List<Doctor.Line> look() {
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
