package org.patronvault.privacy.disclosure;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The facts recorded of a request, at once or as they become known. */
public final class CaseIntake {
    /** The names of the members. */
    public static final List<String> MEMBERS = List.of(
            DisclosureCase.AGENCY,
            "officer",
            "badge",
            DisclosureCase.INSTRUMENT,
            "arrived",
            "about",
            StepInput.DOCUMENT);

    private static final int LONGEST = 2_000;

    private CaseIntake() {}

    /** Refuses a text that is too long, or has unreadable characters. */
    static void requireText(Map<String, String> said) {
        said.forEach((member, text) -> {
            if (text.length() > LONGEST) {
                throw new Refused(Problem.INVALID, member + " has at most " + LONGEST + " characters.");
            }
            if (text.codePoints().anyMatch(CaseIntake::isUnreadable)) {
                throw new Refused(Problem.INVALID, member + " has a character that cannot be read, or turns the text.");
            }
        });
    }

    private static boolean isUnreadable(int c) {
        boolean turnsDirection = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        boolean isLine = c == '\n' || c == '\t';
        int type = Character.getType(c);
        return turnsDirection || type == Character.SURROGATE || (type == Character.CONTROL && !isLine);
    }

    /** Refuses an unknown instrument, and a malformed digest of a document. */
    static void requireGood(Map<String, String> said) {
        if (Optional.ofNullable(said.get(DisclosureCase.INSTRUMENT))
                .filter(text -> LegalInstrument.ofWireName(text).isEmpty())
                .isPresent()) {
            throw new Refused(Problem.INVALID, "instrument is one of " + LegalInstrument.names() + ".");
        }
        Designations.requireHash(said.getOrDefault(StepInput.DOCUMENT, ""));
    }

    /** Checks the first facts of a request: agency and instrument must be given, and all facts valid. */
    static void requireWhole(Map<String, String> said) {
        for (String member : List.of(DisclosureCase.AGENCY, DisclosureCase.INSTRUMENT)) {
            if (said.getOrDefault(member, "").isBlank()) {
                throw new Refused(Problem.INVALID, member + " is required.");
            }
        }
        requireGood(said);
    }

    /** Checks facts that are added later: there must be at least one, and all must be valid. */
    static void requireSome(Map<String, String> said) {
        if (said.isEmpty()) {
            throw new Refused(Problem.INVALID, "Say what has become known: " + String.join(", ", MEMBERS) + ".");
        }
        requireGood(said);
    }
}
