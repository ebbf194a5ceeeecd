package org.patronvault.upkeep.leakage;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The report of what a thief of a database learns and does not learn.
 *
 * @param patrons how many surnames were decrypted to score the thief
 * @param games the tests
 * @param learns what the thief learns, as the library was warned
 * @param learnsNot the promises, which the games tested as far as they can
 * @param remarks facts beyond the games
 * @param columns every column with its content
 */
public record Report(
        int patrons,
        List<Game> games,
        List<Learned> learns,
        List<String> learnsNot,
        List<String> remarks,
        Map<String, Column> columns) {

    /** The result of a game for the library. */
    public enum Verdict {
        /** The data say nothing. */
        HOLDS,
        /** The thief wins. */
        BROKEN,
        /** The game could not be played, or not scored. */
        NOT_PLAYED;

        /** The name in answers. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One game.
     *
     * @param name a stable word
     * @param says one sentence for the library's management
     * @param figures by stable names: numbers, texts, lists of texts, or maps of such
     */
    public record Game(String name, Verdict verdict, String says, Map<String, Object> figures) {}

    /**
     * A fact that a thief learns.
     *
     * @param what a stable word
     * @param figures in the form of a game's figures
     */
    public record Learned(String what, String says, Map<String, Object> figures) {}

    /**
     * A column.
     *
     * @param kind a stable word: {@code clear}, {@code patron}, {@code random}, {@code random-or-again}, {@code
     *     unknown}
     */
    public record Column(String kind, String why) {}

    /** Whether the thief won no game. */
    public boolean ok() {
        return games.stream().noneMatch(game -> game.verdict() == Verdict.BROKEN);
    }

    /** Returns the game of that name. */
    public Game game(String name) {
        return games.stream()
                .filter(game -> game.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
