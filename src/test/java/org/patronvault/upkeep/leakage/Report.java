package org.patronvault.upkeep.leakage;

import java.util.List;
import java.util.Map;

/**
 * How a thief's games on a database ended.
 *
 * @param patrons the number of surnames that scored the thief
 */
public record Report(int patrons, List<Game> games) {

    /** The result of a game for the library. */
    public enum Verdict {
        /** The data say nothing. */
        HOLDS,
        /** The thief wins. */
        BROKEN,
        /** The game could not be played, or not scored. */
        NOT_PLAYED
    }

    /**
     * One game.
     *
     * @param figures by stable names: numbers, texts, lists of texts, or maps of such
     */
    public record Game(String name, Verdict verdict, String says, Map<String, Object> figures) {}

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
