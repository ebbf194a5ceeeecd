package org.patronvault.upkeep.doctor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SecondFactor;
import org.patronvault.access.client.Clients;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;

/**
 * The doctor's check of staff and API clients. It reads rows without verifying their MACs, so nothing is decided by it.
 */
public final class AccessLook implements Doctor.Look {
    private final Supplier<StoreSettings> settings;
    private final Supplier<Policy> policy;
    private final Path policyFile;
    private final Clock clock;

    public AccessLook(Supplier<StoreSettings> settings, Supplier<Policy> policy, Path policyFile, Clock clock) {
        this.policyFile = policyFile;
        this.settings = settings;
        this.policy = policy;
        this.clock = clock;
    }

    @Override
    public List<Doctor.Line> look() {
        try (Store store = Store.openToRead(settings.get())) {
            return store.read(tx -> List.of(
                    clients(Clients.written(tx)),
                    staffing(Accounts.seconds(tx, SecondPerson.ADMINISTRATION)),
                    custodians(Accounts.seconds(tx, SecondPerson.CUSTODY)),
                    secondFactor(tx),
                    inForce(tx)));
        } catch (Refused | StoreException | IntegrityException e) {
            return List.of(new Doctor.Line(
                    "clients", Doctor.Verdict.WRONG, "Clients and accounts cannot be read; see database and policy."));
        }
    }

    private Doctor.Line clients(List<Clients.UnverifiedClient> clients) {
        LocalDate today = LocalDate.now(clock.withZone(ZoneOffset.UTC));
        Policy inForce = policy.get();
        String says = said(
                        clients,
                        Clients.UnverifiedClient::unlimited,
                        "No limit a day holds for %s: a stolen key opens every patron its scopes allow. Give it a"
                                + " --daily number if it can do with one. ")
                + said(
                        clients,
                        client -> inForce.fields().opensFields(client.scopes()) && !client.referenced(),
                        "No contract or permission is named for %s, which opens fields: say it with `client change"
                                + " NAME --reference TEXT`. ")
                + said(
                        clients,
                        client -> client.expires().filter(today::isAfter).isPresent(),
                        "The last day of %s is over: end it with `client revoke NAME`, or give it another --expires. ");
        return says.isEmpty()
                ? new Doctor.Line(
                        "clients",
                        Doctor.Verdict.FINE,
                        "Each has a daily number of patrons; those that open fields name what they rest on.")
                : new Doctor.Line("clients", Doctor.Verdict.NOTE, says.strip());
    }

    private static String said(
            List<Clients.UnverifiedClient> clients, Predicate<Clients.UnverifiedClient> concerned, String sentence) {
        List<String> names = clients.stream()
                .filter(concerned)
                .map(Clients.UnverifiedClient::name)
                .toList();
        return names.isEmpty() ? "" : String.format(sentence, String.join(", ", names));
    }

    private Doctor.Line secondFactor(Tx tx) {
        Set<String> roles = policy.get().secondFactor();
        String names = String.join(", ", roles.stream().sorted().toList());
        if (roles.isEmpty()) {
            return new Doctor.Line(
                    "sign-in",
                    Doctor.Verdict.NOTE,
                    "The second factor is off: passwords alone protect the accounts. Name roles in policy.yaml,"
                            + " secondFactor.");
        }
        long lacking = SecondFactor.lacking(tx, roles);
        return lacking == 0
                ? new Doctor.Line(
                        "sign-in", Doctor.Verdict.FINE, "A second factor is asked of " + names + "; all have one.")
                : new Doctor.Line(
                        "sign-in",
                        Doctor.Verdict.NOTE,
                        "A second factor is asked of " + names + "; accounts of these roles that lack one: " + lacking
                                + ". They enrol it with `staff second-factor NAME`.");
    }

    private Doctor.Line inForce(Tx tx) {
        boolean same = PolicyWatch.unprovenDigest(tx)
                .filter(PolicyWatch.digestOf(policyFile)::equals)
                .isPresent();
        return same
                ? new Doctor.Line("policy in force", Doctor.Verdict.FINE, "It is what policy.yaml says.")
                : new Doctor.Line(
                        "policy in force",
                        Doctor.Verdict.NOTE,
                        "It is the one approved last and not what policy.yaml says now: a server that runs takes a"
                                + " narrower file within seconds; for a wider one two administrators or directors agree"
                                + " (`approvals list`).");
    }

    private static Doctor.Line staffing(List<String> seconds) {
        return seconds.size() >= 2
                ? new Doctor.Line(
                        "staffing",
                        Doctor.Verdict.FINE,
                        seconds.size() + " people can agree to what another asks; two are needed."
                                + (seconds.size() == 2
                                        ? " Neither can close the other's account alone: give a third person the role"
                                                + " admin or director."
                                        : ""))
                : new Doctor.Line(
                        "staffing",
                        Doctor.Verdict.NOTE,
                        (seconds.isEmpty() ? "Nobody" : "Only " + seconds.get(0))
                                + " can agree to what another asks, and nobody agrees with himself. Add an administrator"
                                + " or director before the first patron is stored, and have everyone with an activation"
                                + " code set a password: later nobody can be given such a role by one person alone.");
    }

    private static Doctor.Line custodians(List<String> custodians) {
        return custodians.size() >= 2
                ? new Doctor.Line(
                        "custodians",
                        Doctor.Verdict.FINE,
                        custodians.size() + " people can act as custodian; two are needed for what cannot be undone.")
                : new Doctor.Line(
                        "custodians",
                        Doctor.Verdict.NOTE,
                        (custodians.isEmpty() ? "Nobody" : "Only " + custodians.get(0))
                                + " can act as custodian: slots, copies and destruction of keys take two. Add a custodian"
                                + " with `staff add NAME --role custodian`.");
    }
}
