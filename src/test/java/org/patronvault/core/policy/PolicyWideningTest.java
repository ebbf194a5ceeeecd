package org.patronvault.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests of the comparison of two policies, against every single decision. The decisions are read by hand from the
 * written members, and not by {@link Policy}.
 */
final class PolicyWideningTest {
    private static final String DEFAULT = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> ROLES = List.of("desk", "director");
    private static final List<String> SCOPES = List.of("ils");
    private static final List<String> ACTS = List.of(
            "search",
            "reveal",
            "reveal-many",
            "verify",
            "register",
            "erase",
            "package",
            "export",
            "read-changes",
            "keys",
            "mail");
    private static final List<String> OPENING = List.of("search", "reveal", "reveal-many");
    private static final List<String> PURPOSES = List.of("checkout", "account-service", "newsletter");
    private static final Map<String, String> MASKS = Map.of(
            "card", "last-four", "phone", "last-four", "email", "domain", "address", "locality", "name", "initials");
    private static final List<String> FIELDS = List.of("card", "name", "address", "phone", "email");
    private static final List<String> CATEGORIES = List.of("adult", "juvenile", "staff", "other");

    private static Policy parse(Object policy) {
        try {
            return PolicyFile.parse(JSON.writeValueAsBytes(policy));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes policies up, as the members of a file. */
    private record Maker(Random random) {
        private List<String> some(List<String> of) {
            return of.stream().filter(one -> random.nextInt(3) > 0).toList();
        }

        private Map<String, Object> policy() {
            Map<String, Object> policy = new LinkedHashMap<>(Map.of("version", "1"));
            policy.put("roles", rules(ROLES));
            policy.put("scopes", rules(SCOPES));
            policy.put(
                    "limits",
                    new LinkedHashMap<>(Map.of(
                            "opened", Map.of("tenMinutes", number(), "day", number()),
                            "names", Map.of("tenMinutes", number(), "day", number()),
                            "searches", Map.of("tenMinutes", number()),
                            "failedVerifies", Map.of("hour", number()))));
            Map<String, Object> services = new LinkedHashMap<>();
            some(List.of("ebooks", "films")).forEach(name -> services.put(name, service()));
            policy.put("services", services);
            List<String> known = List.copyOf(members(policy, "roles").keySet());
            policy.put("secondFactor", some(known));
            if (random.nextInt(3) > 0) {
                policy.put("retention", retention());
            }
            if (random.nextInt(3) > 0) {
                policy.put("accessReport", report());
            }
            if (random.nextInt(3) > 0) {
                policy.put("statistics", statistics());
            }
            if (random.nextInt(3) > 0) {
                policy.put("mailings", mailings());
            }
            if (random.nextInt(3) > 0) {
                policy.put("checks", checks());
            }
            return policy;
        }

        private Map<String, Object> retention() {
            return random.nextInt(4) == 0
                    ? Map.of()
                    : Map.of("accessLog", random.nextInt(4) == 0 ? "forever" : months());
        }

        private Map<String, Object> statistics() {
            return random.nextInt(4) == 0 ? Map.of() : Map.of("floor", 9 + random.nextInt(4));
        }

        private Map<String, Object> mailings() {
            return random.nextInt(4) == 0
                    ? Map.of()
                    : Map.of("most", 99_999 + random.nextInt(3), "alone", 499 + number());
        }

        private Map<String, Object> checks() {
            return random.nextInt(4) == 0
                    ? Map.of()
                    : Map.of("cardMinute", 598 + number(), "clientMinute", 598 + number(), "wrongPins", 48 + number());
        }

        private int months() {
            return 22 + random.nextInt(4);
        }

        private Map<String, Object> report() {
            return random.nextInt(4) == 0 ? Map.of() : Map.of("staff", random.nextBoolean() ? "roles" : "names");
        }

        private int number() {
            return 1 + random.nextInt(2);
        }

        private Map<String, Object> service() {
            Map<String, Object> service = new LinkedHashMap<>();
            if (random.nextBoolean()) {
                service.put("libraries", random.nextBoolean() ? List.of("NC") : List.of("NC", "WL"));
            }
            if (random.nextBoolean()) {
                List<String> categories = some(CATEGORIES);
                service.put("categories", categories.isEmpty() ? CATEGORIES : categories);
            }
            if (random.nextBoolean()) {
                service.put("clients", random.nextBoolean() ? List.of("hoopla") : List.of("hoopla", "kanopy"));
            }
            if (random.nextBoolean()) {
                service.put("graceDays", random.nextInt(3));
            }
            if (random.nextBoolean()) {
                service.put("blocked", random.nextBoolean() ? "served" : "refused");
            }
            if (random.nextBoolean()) {
                service.put("tells", some(List.of("expired", "blocked", "not-covered")));
            }
            return service;
        }

        private Map<String, Object> rules(List<String> names) {
            Map<String, Object> rules = new LinkedHashMap<>();
            some(names).forEach(name -> rules.put(name, rule()));
            return rules;
        }

        private Map<String, Object> rule() {
            Map<String, Object> rule = new LinkedHashMap<>();
            List<String> purposes = some(PURPOSES);
            rule.put("may", some(ACTS));
            rule.put("purposes", purposes);
            sight(rule, purposes);
            if (random.nextInt(3) == 0) {
                rule.put("searches", some(FIELDS));
            }
            switch (random.nextInt(4)) {
                case 0 -> rule.put("libraries", "own");
                case 1 -> rule.put("libraries", "any");
                case 2 -> {
                    Map<String, Object> elsewhere = new LinkedHashMap<>();
                    sight(elsewhere, purposes);
                    rule.put("elsewhere", elsewhere);
                }
                default -> {}
            }
            return rule;
        }

        private void sight(Map<String, Object> into, List<String> purposes) {
            for (String member : List.of("opens", "results")) {
                switch (random.nextInt(3)) {
                    case 0 -> into.put(member, some(FIELDS));
                    case 1 -> {
                        Map<String, Object> byPurpose = new LinkedHashMap<>();
                        some(purposes).forEach(purpose -> byPurpose.put(purpose, some(FIELDS)));
                        into.put(member, byPurpose);
                    }
                    default -> {}
                }
            }
            if (random.nextBoolean()) {
                Map<String, Object> masks = new LinkedHashMap<>();
                some(FIELDS).forEach(field -> masks.put(field, MASKS.get(field)));
                into.put("masks", masks);
            }
        }

        /** Returns a copy with one member of one rule, or one part, from another policy. */
        private Map<String, Object> changed(Map<String, Object> policy) {
            Map<String, Object> copy = copy(policy);
            Map<String, Object> other = policy();
            String part = List.of(
                            "roles",
                            "scopes",
                            "roles",
                            "limits",
                            "services",
                            "secondFactor",
                            "retention",
                            "accessReport",
                            "statistics",
                            "mailings",
                            "checks")
                    .get(random.nextInt(11));
            if (part.equals("checks")) {
                copy.put(part, checks());
                return copy;
            }
            if (part.equals("retention") || part.equals("accessReport")) {
                copy.put(part, part.equals("retention") ? retention() : report());
                return copy;
            }
            if (part.equals("statistics") || part.equals("mailings")) {
                copy.put(part, part.equals("statistics") ? statistics() : mailings());
                return copy;
            }
            if (part.equals("secondFactor")) {
                copy.put(part, some(List.copyOf(members(copy, "roles").keySet())));
                return copy;
            }
            List<String> names = List.copyOf(members(copy, part).keySet());
            if (names.isEmpty()) {
                return copy;
            }
            String name = names.get(random.nextInt(names.size()));
            if (part.equals("roles") || part.equals("scopes")) {
                Map<String, Object> rule = members(members(copy, part), name);
                List<String> inside = List.copyOf(rule.keySet());
                String member = inside.get(random.nextInt(inside.size()));
                Object fresh = rule().get(member);
                boolean purposesStay = !member.equals("purposes") && !mentions(fresh);
                if (purposesStay && fresh != null) {
                    rule.put(member, fresh);
                } else if (!member.equals("purposes")) {
                    rule.remove(member);
                }
                if (rule.containsKey("elsewhere")) {
                    rule.remove("libraries");
                }
            } else if (members(other, part).containsKey(name)) {
                members(copy, part).put(name, members(other, part).get(name));
            }
            return copy;
        }

        /** Whether purposes are named in it, which the rule it is put into may not have. */
        private static boolean mentions(Object member) {
            return member instanceof Map<?, ?> map
                    && map.entrySet().stream()
                            .anyMatch(e -> PURPOSES.contains((String) e.getKey()) || mentions(e.getValue()));
        }

        /** Says the same otherwise: a list for every purpose as a map, and what elsewhere leaves unsaid. */
        private Map<String, Object> reworded(Map<String, Object> policy) {
            Map<String, Object> copy = copy(policy);
            for (String part : List.of("roles", "scopes")) {
                members(copy, part).values().forEach(rule -> reword(cast(rule)));
            }
            copy.put("version", "2");
            return copy;
        }

        private void reword(Map<String, Object> rule) {
            for (String member : List.of("opens", "results")) {
                if (rule.get(member) instanceof List<?> all) {
                    Map<String, Object> byPurpose = new LinkedHashMap<>();
                    list(rule.get("purposes")).forEach(purpose -> byPurpose.put(purpose, all));
                    rule.put(member, byPurpose);
                }
            }
            if (!"own".equals(rule.get("libraries")) && !rule.containsKey("elsewhere")) {
                Map<String, Object> elsewhere = new LinkedHashMap<>();
                List.of("opens", "results", "masks").stream()
                        .filter(rule::containsKey)
                        .forEach(member -> elsewhere.put(member, rule.get(member)));
                rule.put("elsewhere", elsewhere);
                rule.remove("libraries");
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> copy(Map<String, Object> policy) {
        return JSON.convertValue(policy, LinkedHashMap.class);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> cast(Object members) {
        return members == null ? new HashMap<>() : (Map<String, Object>) members;
    }

    private static Map<String, Object> members(Map<String, Object> of, String name) {
        return cast(of.get(name));
    }

    @SuppressWarnings("unchecked")
    private static List<String> list(Object list) {
        return list == null ? List.of() : (List<String>) list;
    }

    private static List<String> fields(Object member, String purpose) {
        return list(member instanceof Map<?, ?> map ? map.get(purpose) : member);
    }

    /** Every single thing that policy allows, one word after the other. */
    private static Set<String> decisions(Map<String, Object> policy) {
        Set<String> allowed = new TreeSet<>();
        members(policy, "roles").forEach((name, rule) -> {
            decide(allowed, "role " + name, cast(rule), false);
            decide(allowed, "role " + name, cast(rule), true);
        });
        members(policy, "scopes").forEach((name, rule) -> decide(allowed, "scope " + name, cast(rule), true));
        ROLES.stream()
                .filter(role -> !list(policy.get("secondFactor")).contains(role))
                .forEach(role -> allowed.add(role + " without second factor"));
        members(policy, "limits")
                .forEach((limit, times) -> cast(times).forEach((time, number) -> {
                    for (int n = 1; n <= (Integer) number; n++) {
                        allowed.add("limit " + limit + time + n);
                    }
                }));
        Object months = cast(policy.getOrDefault("retention", Map.of())).getOrDefault("accessLog", 24);
        for (int age = months.equals("forever") ? 30 : (Integer) months; age < 30; age++) {
            allowed.add("forgets after " + age + " months");
        }
        Object floor = cast(policy.getOrDefault("statistics", Map.of())).getOrDefault("floor", 10);
        for (int patrons = (Integer) floor; patrons < 13; patrons++) {
            allowed.add("statistics of " + patrons);
        }
        Map<String, Object> mailings = members(policy, "mailings");
        for (int n = 99_999; n <= (Integer) mailings.getOrDefault("most", 100_000); n++) {
            allowed.add("mailings of " + n);
        }
        for (int n = 499; n <= (Integer) mailings.getOrDefault("alone", 500); n++) {
            allowed.add("alone " + n);
        }
        if (cast(policy.getOrDefault("accessReport", Map.of())).containsValue("names")) {
            allowed.add("report with names of staff");
        }
        members(policy, "services").forEach((name, service) -> {
            List<String> libraries = list(cast(service).get("libraries"));
            List<String> categories = list(cast(service).get("categories"));
            for (String library : List.of("NC", "WL", "any other")) {
                for (String category : CATEGORIES) {
                    if ((libraries.isEmpty() || libraries.contains(library))
                            && (categories.isEmpty() || categories.contains(category))) {
                        entitled(cast(service), "service " + name + " " + library + " " + category, allowed);
                    }
                }
            }
            list(cast(service).get("tells")).forEach(reason -> allowed.add("service " + name + " tells " + reason));
        });
        Map<String, Object> checks = members(policy, "checks");
        for (int n = 599; n <= (Integer) checks.getOrDefault("cardMinute", 600); n++) {
            allowed.add("checks of a card " + n);
        }
        for (int n = 599; n <= (Integer) checks.getOrDefault("clientMinute", 600); n++) {
            allowed.add("checks by a client " + n);
        }
        for (int n = 49; n <= (Integer) checks.getOrDefault("wrongPins", 50); n++) {
            allowed.add("wrong PINs " + n);
        }
        return allowed;
    }

    /** Adds the entitled questions: any client, expired for any time, blocked or not. */
    private static void entitled(Map<String, Object> service, String what, Set<String> allowed) {
        List<String> clients = list(service.get("clients"));
        for (String client : List.of("hoopla", "kanopy", "any other")) {
            for (int days = 0; days <= (Integer) service.getOrDefault("graceDays", 0); days++) {
                if (clients.isEmpty() || clients.contains(client)) {
                    allowed.add(what + " asked by " + client + " after " + days);
                    if ("served".equals(service.get("blocked"))) {
                        allowed.add(what + " asked by " + client + " after " + days + " blocked");
                    }
                }
            }
        }
    }

    private static void decide(Set<String> allowed, String who, Map<String, Object> rule, boolean other) {
        List<String> may = list(rule.get("may"));
        may.forEach(act -> allowed.add(who + " " + act));
        if (other && "own".equals(rule.get("libraries"))) {
            return;
        }
        String of = who + (other ? " other " : " own ");
        may.stream()
                .filter(act -> !act.equals("keys") && !act.equals("register"))
                .forEach(act -> allowed.add(of + act));
        Map<String, Object> sight = new HashMap<>(rule);
        if (other) {
            sight.putAll(members(rule, "elsewhere"));
        }
        for (String purpose : list(rule.get("purposes"))) {
            List<String> opens = fields(sight.get("opens"), purpose);
            List<String> results = fields(sight.get("results"), purpose);
            for (String act : OPENING) {
                if (may.contains(act)) {
                    allowed.add(of + act + purpose);
                    opens.forEach(field -> shown(allowed, of + act + purpose + field, sight, field));
                }
            }
            if (may.contains("mail") && purpose.equals("newsletter")) {
                allowed.add(of + "mail" + purpose);
                if (opens.contains("email")) {
                    shown(allowed, of + "mail" + purpose + "email", sight, "email");
                }
            }
            if (may.contains("verify") && purpose.equals("account-service")) {
                allowed.add(of + "verify" + purpose);
                opens.forEach(field -> allowed.add(of + "verify" + field));
            }
            if (may.contains("search")) {
                results.forEach(field -> shown(allowed, of + "result" + purpose + field, sight, field));
                (rule.containsKey("searches") ? list(rule.get("searches")) : opens)
                        .forEach(field -> allowed.add(of + "by" + purpose + field));
            }
        }
    }

    private static void shown(Set<String> allowed, String what, Map<String, Object> sight, String field) {
        allowed.add(what);
        if (!members(sight, "masks").containsKey(field)) {
            allowed.add(what + " whole");
        }
    }

    @Test
    void somethingIsSaidExactlyWhereSomeDecisionIsAllowedThatWasNot() {
        Maker maker = new Maker(new Random(20_181_124));
        int wider = 0;
        int pairs = 1_200;
        for (int i = 0; i < pairs; i++) {
            Map<String, Object> before = maker.policy();
            Map<String, Object> after = switch (i % 4) {
                case 0 -> maker.policy();
                case 1 -> maker.reworded(maker.changed(before));
                default -> maker.changed(before);
            };
            Set<String> more = decisions(after);
            more.removeAll(decisions(before));
            List<String> said = parse(after).widerThan(parse(before));
            assertThat(said.isEmpty())
                    .as("pair %d: allowed more %s; said %s", i, more, said)
                    .isEqualTo(more.isEmpty());
            wider += more.isEmpty() ? 0 : 1;
        }
        // Neither answer is the rare one.
        assertThat(wider).isBetween(pairs / 4, 3 * pairs / 4);
    }

    @Test
    void sameSaidInOtherWordsIsNotWider() {
        Maker maker = new Maker(new Random(20_261_125));
        for (int i = 0; i < 200; i++) {
            Map<String, Object> policy = maker.policy();
            List<String> said = parse(maker.reworded(policy)).widerThan(parse(policy));
            assertThat(said).as("policy %d", i).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "consent, merge, erase | consent, accesses, merge, erase | Role supervisor may accesses.",
                "consent, merge, erase | consent, package, merge, erase | Role supervisor may package.",
                "[newsletter, fundraising]  | [newsletter, fundraising, checkout]  | ''",
                "searches: [card]           | searches: [card, phone]              "
                        + "| Role privacy-officer may search by phone for patron-request.",
                "opens: [name, phone, email] | opens: [name, phone, email, address] "
                        + "| Scope notices may open address for hold-notice, overdue-notice.",
                "opened: {tenMinutes: 60, day: 300} | opened: {tenMinutes: 60, day: 299} | ''",
                "opened: {tenMinutes: 60, day: 300} | opened: {tenMinutes: 60, day: 301} "
                        + "| The limit of opened patrons a day is 301 instead of 300.",
                "erasuresInAll: {day: 60}   | erasuresInAll: {day: 61} "
                        + "| The limit of erasures by all people a day is 61 instead of 60.",
                "erasuresInAll: {day: 60}   | erasuresInAll: {day: 59} | ''",
                "films: {}                  | games: {}      | Service games is open to more libraries or categories.",
                "films: {}                  | films: {categories: [adult]} | ''",
                "accessLog: 24              | accessLog: 23  "
                        + "| The access log says for 23 months whom it was about instead of for 24 months.",
                "accessLog: 24              | accessLog: 25      | ''",
                "accessLog: 24              | accessLog: forever | ''",
                "'  accessLog: 24'          | '  {}'              | ''",
                "staff: roles               | staff: names "
                        + "| A patron's report names staff by their names and not by what they do.",
                "'  staff: roles'           | '  {}'              | ''",
                "  most: 100000             |   most: 100001 "
                        + "| The limit of addresses in a mailing is 100001 instead of 100000.",
                "  alone: 500               |   alone: 501 "
                        + "| The limit of addresses one person takes out alone a day is 501 instead of 500.",
                "  alone: 500               |   alone: 499             | ''",
                "signOn: {}                 | signOn: {desk: [circulation]} "
                        + "| Sign-on gives whoever is in group desk the role circulation.",
                "signOn: {}                 | signOn: {desk: []} | ''",
                "version: \"2026-12\"       | version: \"2019-05\"          | ''",
            })
    void eachWideningIsOnePlainSentence(String part, String instead, String sentence) {
        assertThat(DEFAULT).contains(part);
        Policy approved = PolicyFile.parse(PolicyFile.defaultText());
        Policy wanted = PolicyFile.parse(DEFAULT.replace(part, instead).getBytes(StandardCharsets.UTF_8));
        assertThat(String.join("\n", wanted.widerThan(approved)))
                .contains(sentence)
                .matches(said -> said.isEmpty() == sentence.isEmpty());
    }

    @Test
    void anyNumberOfMonthsIsShorterThanForEverAndNamesMayBeLeftOutAgain() {
        Policy longest = PolicyFile.parse(DEFAULT.replace("accessLog: 24", "accessLog: forever")
                .replace("staff: roles", "staff: names")
                .getBytes(StandardCharsets.UTF_8));
        Policy shorter = PolicyFile.parse(
                DEFAULT.replace("accessLog: 24", "accessLog: 1200").getBytes(StandardCharsets.UTF_8));
        assertThat(shorter.widerThan(longest))
                .containsExactly("The access log says for 1200 months whom it was about instead of for ever.");
    }

    @Test
    void maskThatIsDroppedElsewhereSaysWhoseAndForWhat() {
        String rule = """
                  page:
                    may: [reveal]
                    purposes: [checkout, hold-notice]
                    opens: [phone]
                    masks: {phone: last-four}
                """;
        String masked = DEFAULT.replace("  page:\n    may: []\n", rule);
        String dropped = masked.replace(rule, rule + "    elsewhere: {masks: {}}\n");
        assertThat(PolicyFile.parse(dropped.getBytes(StandardCharsets.UTF_8))
                        .widerThan(PolicyFile.parse(masked.getBytes(StandardCharsets.UTF_8))))
                .containsExactly("Role page gets phone whole and not masked for checkout, hold-notice of patrons of"
                        + " another library.");
    }

    @Test
    void secondFactorNoLongerAskedForIsSaid() {
        String asked = DEFAULT.replace("secondFactor: []", "secondFactor: [director, admin]");
        String dropped = DEFAULT.replace("secondFactor: []", "secondFactor: [admin]");
        Policy before = PolicyFile.parse(asked.getBytes(StandardCharsets.UTF_8));
        Policy after = PolicyFile.parse(dropped.getBytes(StandardCharsets.UTF_8));
        assertThat(after.widerThan(before))
                .containsExactly("Role director signs in without the second factor asked for until now.");
        assertThat(before.widerThan(after)).isEmpty();
        assertThat(new ArrayList<>(before.widerThan(before))).isEmpty();
    }
}
