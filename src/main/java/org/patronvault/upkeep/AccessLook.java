package org.patronvault.upkeep;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.patronvault.access.Accounts;
import org.patronvault.access.Clients;
import org.patronvault.access.Policy;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.StoreSettings;

/** What the doctor says of people and other systems. The rows are read without their MACs, so nothing is decided by it. */
final class AccessLook {
    private final Supplier<StoreSettings> settings;
    private final Supplier<Policy> policy;
    private final Clock clock;

    AccessLook(Supplier<StoreSettings> settings, Supplier<Policy> policy, Clock clock) {
        this.settings = settings;
        this.policy = policy;
        this.clock = clock;
    }

    List<Doctor.Line> look() {
        try (Store store = Store.openToRead(settings.get())) {
            return store.read(tx -> List.of(clients(Clients.written(tx)), staffing(Accounts.seconds(tx))));
        } catch (Refused | StoreException | IntegrityException e) {
            return List.of(new Doctor.Line(
                    "clients", Doctor.Verdict.WRONG, "Clients and accounts cannot be read; see database and policy."));
        }
    }

    private Doctor.Line clients(List<Clients.Written> clients) {
        LocalDate today = LocalDate.now(clock.withZone(ZoneOffset.UTC));
        Policy inForce = policy.get();
        String says = said(
                        clients,
                        Clients.Written::unlimited,
                        "No limit a day holds for %s: a stolen key opens every patron its scopes allow. Give it a"
                                + " --daily number if it can do with one. ")
                + said(
                        clients,
                        client -> inForce.opensFields(client.scopes()) && !client.referenced(),
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

    private static String said(List<Clients.Written> clients, Predicate<Clients.Written> concerned, String sentence) {
        List<String> names =
                clients.stream().filter(concerned).map(Clients.Written::name).toList();
        return names.isEmpty() ? "" : String.format(sentence, String.join(", ", names));
    }

    private static Doctor.Line staffing(List<String> seconds) {
        return seconds.size() >= 2
                ? new Doctor.Line(
                        "staffing",
                        Doctor.Verdict.FINE,
                        seconds.size() + " people can agree to what another asks; two are needed.")
                : new Doctor.Line(
                        "staffing",
                        Doctor.Verdict.NOTE,
                        (seconds.isEmpty() ? "Nobody" : "Only " + seconds.get(0))
                                + " can agree to what another asks, and nobody agrees with himself. Add an administrator"
                                + " or director before the first patron is stored, and have everyone with an activation"
                                + " code set a password: later nobody can be given such a role by one person alone.");
    }
}
