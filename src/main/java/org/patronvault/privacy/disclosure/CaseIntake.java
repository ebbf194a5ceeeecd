package org.patronvault.privacy.disclosure;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.model.LegalInstrument;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** What is taken down of a request, at once or as it becomes known. */
public final class CaseIntake {
    /** The members there are. */
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

    /** Refuses a text that is too long, or holds what is not to be read. */
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

    /** Refuses what cannot be an instrument, or the digest of a document. */
    static void requireGood(Map<String, String> said) {
        if (Optional.ofNullable(said.get(DisclosureCase.INSTRUMENT))
                .filter(text -> LegalInstrument.ofWireName(text).isEmpty())
                .isPresent()) {
            throw new Refused(Problem.INVALID, "instrument is one of " + LegalInstrument.names() + ".");
        }
        Designations.requireHash(said.getOrDefault(StepInput.DOCUMENT, ""));
    }

    /** The same, and that agency and instrument are known. */
    static void requireWhole(Map<String, String> said) {
        for (String member : List.of(DisclosureCase.AGENCY, DisclosureCase.INSTRUMENT)) {
            if (said.getOrDefault(member, "").isBlank()) {
                throw new Refused(Problem.INVALID, member + " is required.");
            }
        }
        requireGood(said);
    }

    /** The same of what is added, which has to be something. */
    static void requireSome(Map<String, String> said) {
        if (said.isEmpty()) {
            throw new Refused(Problem.INVALID, "Say what has become known: " + String.join(", ", MEMBERS) + ".");
        }
        requireGood(said);
    }
}
