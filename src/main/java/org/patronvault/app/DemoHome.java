package org.patronvault.app;

import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Role;
import org.patronvault.core.model.Status;
import org.patronvault.core.policy.Caller;

/** A throw-away vault in a temporary home, with known keys, made-up patrons and one account for each role. */
public final class DemoHome {
    /** The number of made-up patrons. */
    public static final int PATRONS = 500;

    private static final long SEED = 2018;
    private static final String ADMIN = "admin";
    private static final Map<String, String> STAFF = new LinkedHashMap<>();

    static {
        STAFF.put("clerk", "circulation");
        STAFF.put("supervisor", "supervisor");
        STAFF.put("director", "director");
        STAFF.put("officer", "privacy-officer");
        STAFF.put("custodian", "custodian");
        STAFF.put("outreach", "outreach");
        STAFF.put("counsel", "counsel");
        STAFF.put("page", "page");
    }

    private DemoHome() {}

    /** Returns a user's demonstration password, which is public. */
    public static String passwordOf(String user) {
        return "demo " + user + " password";
    }

    /** The demonstration's users and their roles. */
    public static Map<String, String> users() {
        Map<String, String> users = new LinkedHashMap<>(STAFF);
        users.put(ADMIN, Role.ADMIN.name());
        return users;
    }

    /** Creates the home and opens it. */
    public static VaultInstance create(Path directory, Clock clock, java.util.function.Consumer<String> onBroken) {
        Home home = new Home(directory);
        home.create(clock);
        ExampleKeys.copyTo(home.keys());
        KeyCustody custody = KeyCustody.at(home.keys(), clock);
        custody.unseal(ExampleKeys.passphrase());
        VaultInstance vault = VaultFactory.populate(home, custody, ADMIN, passwordOf(ADMIN), clock, onBroken);
        Actor admin = new Actor(Actor.Kind.STAFF, ADMIN, Role.ADMIN.name(), "");
        Approvals.Requester asking = Approvals.Requester.of(admin, Optional.empty());
        STAFF.forEach((user, role) ->
                vault.access().accounts().add(asking, user, List.of(new Role(role)), "NC", passwordOf(user)));
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Caller importer = vault.access().acting(ADMIN, Role.ADMIN);
        try (MadeUpPatrons patrons = new MadeUpPatrons(SEED, PATRONS, today)) {
            vault.patrons().importer().run(importer, patrons, false, n -> {});
        }
        return vault;
    }

    /** A card of the demonstration. */
    public static String someCard() {
        return somebody().card();
    }

    /** The patron with that card, with every field on record and no block on lending. */
    public static MadeUpPatron somebody() {
        MadeUpPatrons patrons = new MadeUpPatrons(SEED, PATRONS, LocalDate.EPOCH);
        return IntStream.rangeClosed(1, PATRONS)
                .mapToObj(patrons::patron)
                .filter(p -> p.phones().size() == 1
                        && !p.email().isEmpty()
                        && !p.address().isEmpty())
                .filter(p -> p.status() == Status.ACTIVE)
                .filter(p -> p.expires()
                        .filter(LocalDate.EPOCH.plusYears(1)::isBefore)
                        .isPresent())
                .findFirst()
                .orElseThrow();
    }
}
