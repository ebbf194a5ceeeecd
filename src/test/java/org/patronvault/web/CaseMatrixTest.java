package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;

/**
 * Tests of every step of a case in every state by every role, with a valid body. The expected results are stated here
 * from the policy's path (P10), independent of the code. A refused step changes nothing, discloses nothing, and is in
 * the log as part of the case.
 */
class CaseMatrixTest {
    private static final String COUNSELLED = "counselled";
    private static final String RELEASED = "released";
    private static final String KIOSK = "kiosk";
    private static final String DELEGATE = ServedCases.DELEGATE;
    private static final String DECIDER = ServedCases.DIRECTOR;
    private static final Duration DESIGNATED = Duration.ofMinutes(3);

    /** The path: which step leads where from which state. */
    private static final Map<String, Map<String, String>> PATH = Map.of(
            "referred",
            Map.of("counsel", COUNSELLED),
            COUNSELLED,
            Map.of("decision", "decided"),
            "decided",
            Map.of("approval", "approved"),
            "approved",
            Map.of("release", RELEASED),
            RELEASED,
            Map.of("notice", "notified"),
            "notified",
            Map.of("closing", "closed"),
            "refused",
            Map.of("closing", "closed"),
            "closed",
            Map.of());

    /** Before a disclosure it matters who handles a case. */
    private static final Set<String> REFERABLE = Set.of("referred", COUNSELLED, "decided", "approved");

    private static final List<String> STEPS =
            List.of("referral", "counsel", "decision", "approval", "release", "notice", "gag", "closing");

    private static final Set<String> DIRECTORS_ALONE = Set.of("referral", "gag");

    private static ServedCases served;
    private static String pem;

    /** Cases by state that no step changes, and how often each outcome came. */
    private final Map<String, String> standing = new LinkedHashMap<>();

    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();
    private Set<String> designees = Set.of(DELEGATE);

    @BeforeAll
    static void open(@TempDir Path directory) throws Exception {
        served = new ServedCases();
        served.client(KIOSK, "entitlement");
        served.designated(DELEGATE);
        pem = Files.readString(org.patronvault.testing.OpenSsl.certificate(directory, "police"));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    void onlyTheLegalPathByThoseWhoTakeItGoesOnAndNothingElseChangesAnything() {
        for (String state : PATH.keySet()) {
            standing.put(state, at(state));
        }
        List<String> people = new ArrayList<>(ServedCases.PEOPLE.keySet());
        people.add(KIOSK);
        people.forEach(this::everyStep);
        served.post(
                DECIDER,
                "/v1/designations",
                "{'designee':'" + ServedCases.DESIGNEE + "','until':'"
                        + served.vault.clock().instant().plus(DESIGNATED) + "'}");
        designees = Set.of(DELEGATE, ServedCases.DESIGNEE);
        everyStep(ServedCases.DESIGNEE);
        served.vault.clock().advance(DESIGNATED);
        designees = Set.of(DELEGATE);
        everyStep(ServedCases.DESIGNEE);
        assertThat(wrong).isEmpty();
        assertThat(outcomes.keySet())
                .as("what there was, in all: %s", outcomes)
                .containsExactly("200", "403 not-allowed", "403 second-person-required", "409 case-state");
    }

    private void everyStep(String name) {
        for (String state : PATH.keySet()) {
            String before = steps(standing.get(state));
            for (String step : STEPS) {
                String expected = expected(state, step, name);
                outcomes.merge(expected, 1, Integer::sum);
                String cell = name + " " + designees.contains(name) + ": " + step + " when " + state + ", " + expected;
                if (expected.equals("200")) {
                    goesOn(cell, state, step, name);
                } else {
                    isRefused(cell, expected, state, step, name);
                }
            }
            if (!steps(standing.get(state)).equals(before)) {
                wrong.add(name + " has changed the case that was " + state);
            }
        }
    }

    /** Returns the expected outcome. */
    private String expected(String state, String step, String name) {
        if (!takers(step).contains(name)) {
            return "403 not-allowed";
        }
        boolean wasDecided = !Set.of("referred", COUNSELLED).contains(state);
        if (step.equals("approval") && wasDecided && name.equals(DECIDER)) {
            return "403 second-person-required";
        }
        boolean due = step.equals("gag")
                || (step.equals("referral")
                        ? REFERABLE.contains(state)
                        : PATH.get(state).containsKey(step));
        return due ? "200" : "409 case-state";
    }

    /** Returns the roles that ever take the step. */
    private Set<String> takers(String step) {
        Set<String> takers = new java.util.HashSet<>(Set.of(ServedCases.DIRECTOR, ServedCases.OTHER_DIRECTOR));
        if (!DIRECTORS_ALONE.contains(step)) {
            takers.addAll(designees);
        }
        if (step.equals("counsel")) {
            takers.add(ServedCases.COUNSEL);
        }
        if (step.equals("approval")) {
            takers.add(ServedCases.OFFICER);
        }
        return takers;
    }

    private void goesOn(String cell, String state, String step, String name) {
        String path = at(state);
        ServedCases.Answer answer = served.post(name, path + "/" + step, body(step));
        String next = PATH.get(state).getOrDefault(step, state);
        if (answer.status() != 200 || !state(path).equals(next)) {
            wrong.add(cell + ": " + answer.text() + ", and it is " + state(path));
        }
    }

    private void isRefused(String cell, String expected, String state, String step, String name) {
        String path = standing.get(state);
        long size = served.vault.logSize();
        ServedCases.Answer answer = served.post(name, path + "/" + step, body(step));
        List<AccessEvent> logged = served.vault.logSince(size).stream()
                .filter(event -> event.act() != ActKind.SIGN_IN)
                .toList();
        boolean saysState = !expected.startsWith("409")
                || answer.json().path("state").asText().equals(state);
        boolean isLogged = logged.size() == 1
                && logged.get(0).act() == ActKind.DISCLOSURE
                && logged.get(0).outcome() == Outcome.REFUSED
                && logged.get(0).actor().name().equals(name)
                && logged.get(0).about().orElse("").equals(DIRECTORS_ALONE.contains(step) ? "handling" : step)
                && path.endsWith(
                        "/" + logged.get(0).inCase().map(Object::toString).orElse("none"));
        if (!answer.outcome().equals(expected) || !saysState || !isLogged) {
            wrong.add(cell + ": " + answer.text() + ", logged " + isLogged);
        }
    }

    private static String body(String step) {
        return switch (step) {
            case "referral" -> "{'to':'" + DELEGATE + "'}";
            case "counsel" -> ServedCases.COUNSELLED;
            case "decision" -> ServedCases.decision(served.kat);
            case "release" -> ServedCases.release(pem);
            case "notice" -> "{'given':'by letter'}";
            case "gag" -> "{'ordered':true,'reason':'a court says so'}";
            default -> "{}";
        };
    }

    /** A new case in that state. */
    private static String at(String state) {
        Map<String, String> before = new HashMap<>();
        PATH.forEach((from, steps) -> steps.forEach((step, to) -> before.put(to, from + " " + step)));
        before.put("closed", "notified closing");
        if (state.equals("referred")) {
            return served.opened();
        }
        if (state.equals("refused")) {
            String path = at(COUNSELLED);
            served.post(DECIDER, path + "/decision", "{'decision':'refuse','reason':'no order'}");
            return path;
        }
        String[] words = before.get(state).split(" ", -1);
        String path = at(words[0]);
        String by = words[1].equals("approval") ? ServedCases.OFFICER : DECIDER;
        assertThat(served.post(by, path + "/" + words[1], body(words[1])).status())
                .isEqualTo(200);
        return path;
    }

    private static String state(String path) {
        return served.get(DECIDER, path).json().path("state").asText();
    }

    private static String steps(String path) {
        return served.get(DECIDER, path).json().path("steps").toString();
    }
}
