package org.patronvault.upkeep.leakage;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a thief of a database learns, and what he does not.
 *
 * @param patrons how many surnames were opened to score him
 * @param games what was tried
 * @param learns what he does learn, which the library has been told of
 * @param learnsNot what is promised that he does not learn; the games are what was tried of it
 * @param remarks what is so beyond the games
 * @param columns every column there is, and what stands in it
 */
public record Report(
        int patrons,
        List<Game> games,
        List<Learned> learns,
        List<String> learnsNot,
        List<String> remarks,
        Map<String, Column> columns) {

    /** How a game came out for the library. */
    public enum Verdict {
        /** It says nothing. */
        HOLDS,
        /** The thief wins. */
        BROKEN,
        /** It could not be played, or scored. */
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
     * @param says one sentence for whoever runs a library
     * @param figures by stable names: numbers, texts, lists of texts, or maps of such
     */
    public record Game(String name, Verdict verdict, String says, Map<String, Object> figures) {}

    /**
     * Something a thief learns.
     *
     * @param what a stable word
     * @param figures as those of a game
     */
    public record Learned(String what, String says, Map<String, Object> figures) {}

    /**
     * A column.
     *
     * @param kind a stable word: {@code clear}, {@code patron}, {@code random}, {@code random-or-again}, {@code unknown}
     */
    public record Column(String kind, String why) {}

    /** Whether no game was won by the thief. */
    public boolean ok() {
        return games.stream().noneMatch(game -> game.verdict() == Verdict.BROKEN);
    }

    /** The game of that name. */
    public Game game(String name) {
        return games.stream()
                .filter(game -> game.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
