package org.patronvault.upkeep.leakage;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A builder of a game's figures, in their order. */
final class Figures {
    private final Map<String, Object> figures = new LinkedHashMap<>();

    Figures with(String name, Object figure) {
        figures.put(name, figure);
        return this;
    }

    /** Rounds to the significant digits. */
    Figures rounded(String name, double figure) {
        return with(name, rounded(figure));
    }

    static double rounded(double figure) {
        return Math.round(figure * 1e6) / 1e6;
    }

    Report.Game game(String name, Report.Verdict verdict, String sentence, Object... parts) {
        return new Report.Game(name, verdict, said(sentence, parts), figures);
    }

    static String said(String sentence, Object... parts) {
        return String.format(Locale.ROOT, sentence, parts);
    }
}
