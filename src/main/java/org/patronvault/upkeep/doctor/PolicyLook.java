package org.patronvault.upkeep.doctor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.access.posted.Placeholders;
import org.patronvault.access.posted.PolicyVersions;
import org.patronvault.access.posted.PostedFiles;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;

/**
 * The doctor's check of the posted policy (P12). It reads rows without verifying their MACs, so nothing is decided by
 * it.
 */
public final class PolicyLook implements Doctor.Look {
    private static final String CHECK = "posted policy";

    private final Path home;
    private final Supplier<StoreSettings> settings;
    private final Supplier<Policy> policy;
    private final Supplier<Placeholders> words;
    private final Clock clock;

    /**
     * Creates the check of a home's policies.
     *
     * @param policy reads policy.yaml, for a home without an approved policy
     * @param words reads the placeholder values from vault.yaml
     */
    public PolicyLook(
            Path home,
            Supplier<StoreSettings> settings,
            Supplier<Policy> policy,
            Supplier<Placeholders> words,
            Clock clock) {
        this.home = home;
        this.settings = settings;
        this.policy = policy;
        this.words = words;
        this.clock = clock;
    }

    /** Returns the lines of this check. */
    @Override
    public List<Doctor.Line> look() {
        try (Store store = Store.openToRead(settings.get())) {
            List<PostedPolicy> posted = store.read(PolicyVersions::unproven);
            String inForce = store.read(PolicyWatch::unprovenText)
                    .map(PolicyFile::parse)
                    .orElseGet(policy)
                    .posted();
            return look(posted, inForce);
        } catch (Refused | StoreException | IntegrityException e) {
            return List.of(new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "It cannot be read; see settings, policy and database."));
        }
    }

    private List<Doctor.Line> look(List<PostedPolicy> posted, String inForce) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<Doctor.Line> lines = new ArrayList<>();
        Optional<PostedPolicy> current =
                posted.stream().filter(one -> one.version().equals(inForce)).findFirst();
        lines.add(current.map(one -> current(one, today))
                .orElse(new Doctor.Line(
                        CHECK,
                        Doctor.Verdict.WRONG,
                        "policy.yaml carries out version " + inForce + ", which is not posted, so nobody can read it or"
                                + " consent to it: post it with `policy post FILE`, or name a posted one (`policy"
                                + " versions`).")));
        PostedFiles.faults(home, posted, today)
                .forEach(fault -> lines.add(
                        new Doctor.Line(CHECK, Doctor.Verdict.WRONG, "policies/" + fault.name() + " " + fault.says())));
        return lines;
    }

    private Doctor.Line current(PostedPolicy current, LocalDate today) {
        List<String> unfilled = words.get().unfilled(current);
        String says = current.reminder(today)
                        .map(due -> due + " Post the reviewed text as another version (`policy post FILE`) and name it"
                                + " in policy.yaml. ")
                        .orElse("")
                + (unfilled.isEmpty()
                        ? ""
                        : "Nothing is said in vault.yaml (policy) for " + String.join(", ", unfilled)
                                + ", so it speaks of the library in general words.");
        String which = "Version " + current.version() + ", approved on " + current.approved() + ". ";
        return says.isEmpty()
                ? new Doctor.Line(
                        CHECK, Doctor.Verdict.FINE, which + "Its next review is by " + current.nextReview() + ".")
                : new Doctor.Line(CHECK, Doctor.Verdict.NOTE, which + says.strip());
    }
}
