package org.patronvault.core.policy;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.Status;

/**
 * A vendor's service (P8), from {@code policy.yaml}: the entitled patrons, the clients that may ask, and the answers.
 *
 * @param libraries home libraries of entitled patrons; empty for every library
 * @param categories categories of entitled patrons, by their wire names; empty for every one
 * @param graceDays days after its expiry for which a card is still valid
 * @param servesBlocked whether a block at the desk is ignored
 * @param tells the reasons that are given instead of the one general refusal
 * @param clients the clients that may ask; empty for every one with the scope
 */
public record VendorService(
        Set<String> libraries,
        Set<String> categories,
        int graceDays,
        boolean servesBlocked,
        Set<NotEntitledReason> tells,
        Set<String> clients) {
    /** A missing service: no client may ask. */
    static final VendorService NOBODY =
            new VendorService(Set.of(), Set.of("no category"), 0, false, Set.of(), Set.of("no client"));

    private static final String LIBRARIES = "libraries";
    private static final String CATEGORIES = "categories";
    private static final String GRACE = "graceDays";
    private static final String BLOCKED = "blocked";
    private static final String TELLS = "tells";
    private static final String CLIENTS = "clients";
    private static final Set<String> MEMBERS = Set.of(LIBRARIES, CATEGORIES, GRACE, BLOCKED, TELLS, CLIENTS);
    private static final String SERVED = "served";
    private static final String WHERE = " in services";
    private static final int MAX_GRACE = 366;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,40}");

    public VendorService {
        libraries = Set.copyOf(libraries);
        categories = Set.copyOf(categories);
        tells = Set.copyOf(tells);
        clients = Set.copyOf(clients);
    }

    /** Reads the services, by name; faults are noted. */
    static Map<String, VendorService> read(YamlNode root, PolicyReader reader) {
        Map<String, VendorService> services = new LinkedHashMap<>();
        YamlNode all = root.member("services");
        if (all.isSaid() && !all.isMembers()) {
            reader.fault(all, "has services that are not members");
        }
        all.members().forEach((name, service) -> {
            if (!NAME.matcher(name).matches()) {
                reader.fault(
                        service, "names a service in other than 1 to 40 letters, digits, dots, hyphens or underscores");
            } else if (reader.requireMembers(service, MEMBERS, WHERE)) {
                services.put(name, of(service, reader));
            }
        });
        return services;
    }

    private static VendorService of(YamlNode service, PolicyReader reader) {
        for (String list : Set.of(LIBRARIES, CATEGORIES, CLIENTS)) {
            if (service.member(list).isList() && service.member(list).list().isEmpty()) {
                reader.fault(service.member(list), "has an empty list in services; leave it out to mean every one");
            }
        }
        YamlNode blocked = service.member(BLOCKED);
        if (blocked.isSaid() && !(blocked.isText() && Set.of("refused", SERVED).contains(blocked.text()))) {
            reader.fault(blocked, "has a blocked in services other than refused or served");
        }
        YamlNode grace = service.member(GRACE);
        boolean isZero = "0".equals(grace.text());
        if (grace.isSaid() && !isZero && (grace.wholeNumber() == 0 || grace.wholeNumber() > MAX_GRACE)) {
            reader.fault(grace, "has a graceDays in services other than 0 to " + MAX_GRACE);
        }
        return new VendorService(
                reader.set(
                        service.member(LIBRARIES),
                        WHERE,
                        word -> Optional.of(word)
                                .filter(code ->
                                        PolicyReader.LIBRARY.matcher(code).matches())),
                reader.set(
                        service.member(CATEGORIES),
                        WHERE,
                        word -> Category.ofWireName(word).map(Category::wireName)),
                grace.wholeNumber(),
                SERVED.equals(blocked.text()),
                reader.set(service.member(TELLS), WHERE, NotEntitledReason::ofWireName),
                reader.set(service.member(CLIENTS), WHERE, CanonicalName::of));
    }

    /** Whether that client may ask. */
    public boolean isFor(String client) {
        return clients.isEmpty() || clients.contains(client);
    }

    /** Returns why a patron is not entitled on that day; empty for an entitled patron. */
    public Optional<NotEntitledReason> denies(PatronAttributes patron, LocalDate today) {
        if (!covers(patron.library(), patron.category().wireName())) {
            return Optional.of(NotEntitledReason.NOT_COVERED);
        }
        if (patron.status() != Status.ACTIVE && !servesBlocked) {
            return Optional.of(NotEntitledReason.BLOCKED);
        }
        return lastDay(patron).filter(today::isAfter).map(day -> NotEntitledReason.EXPIRED);
    }

    /** Returns the last day on which a patron is entitled; empty for no end. */
    public Optional<LocalDate> lastDay(PatronAttributes patron) {
        return patron.expires().map(day -> day.plusDays(graceDays));
    }

    private boolean covers(String library, String category) {
        return (libraries.isEmpty() || libraries.contains(library))
                && (categories.isEmpty() || categories.contains(category));
    }

    /** Returns what it allows more than {@code before}, a sentence each. */
    List<String> widerThan(VendorService before, String name) {
        // Libraries that neither service names are equal.
        boolean morePatrons = any(libraries, before.libraries)
                .anyMatch(library -> Arrays.stream(Category.values())
                        .map(Category::wireName)
                        .anyMatch(category -> covers(library, category) && !before.covers(library, category)));
        boolean moreClients = any(clients, before.clients).anyMatch(client -> isFor(client) && !before.isFor(client));
        return Stream.of(
                        said(morePatrons, "Service " + name + " is open to more libraries or categories."),
                        said(moreClients, "Service " + name + " may be asked about by more clients."),
                        said(
                                graceDays > before.graceDays,
                                "Service " + name + " is open for " + graceDays + " days after expiry instead of "
                                        + before.graceDays + "."),
                        said(servesBlocked && !before.servesBlocked, "Service " + name + " is open to who is blocked."),
                        said(
                                !before.tells.containsAll(tells),
                                "Service " + name + " tells " + words(tells) + " apart from unknown."))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Stream<String> any(Set<String> some, Set<String> others) {
        return Stream.concat(Stream.of(""), Stream.concat(some.stream(), others.stream()));
    }

    private static Optional<String> said(boolean is, String sentence) {
        return is ? Optional.of(sentence) : Optional.empty();
    }

    private static String words(Set<NotEntitledReason> reasons) {
        return reasons.stream().map(NotEntitledReason::wireName).sorted().collect(Collectors.joining(", "));
    }

    /** Returns words that follow its name, for people who approve it or ask what a vendor may do. */
    public List<String> words() {
        return Stream.of(
                        Optional.of("is open to libraries " + listed(libraries, "of every code") + ", categories "
                                + listed(categories, "of every kind")),
                        said(graceDays > 0, "for " + graceDays + " days after expiry"),
                        said(servesBlocked, "to who is blocked too"),
                        said(!tells.isEmpty(), "tells the vendor " + words(tells) + " apart from unknown"),
                        said(!clients.isEmpty(), "may be asked about by " + listed(clients, "")))
                .flatMap(Optional::stream)
                .toList();
    }

    private static String listed(Set<String> names, String none) {
        return names.isEmpty() ? none : String.join(", ", new TreeSet<>(names));
    }
}
