package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Whether everybody who moves from SQLite into PostgreSQL arrives there, although the move is killed on its way. */
final class MoveFigure implements Figure {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHECKED = 200;
    private static final int KILLED_AT = 3;
    private static final long LOOK_MILLIS = 200;

    @Override
    public String name() {
        return "move";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        VaultSide vault = rig.vault();
        PostgresServer server = rig.onPostgres().server();
        // One of its own, since it is no longer in a file afterwards, and other figures change theirs.
        Path home = rig.scratch("moved");
        double unused = rig.importInto(vault, home, rig.file(), rig.options().patrons());
        String file = vault.database(home);
        String url = server.make(home);

        Killed killed = killOnTheWay(vault, home, file, url);
        long start = System.nanoTime();
        JsonNode moved;
        try (JavaProcess process = vault.move(home, url)) {
            moved = JSON.readTree(process.finish()).path("moved");
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Bench.tell("move: killed after %.1f s, then %.1f s", killed.seconds(), seconds);

        AllRows.Compared compared = compare(file, url);
        long entries = vault.verify(home);
        require("entries", entries, moved.path("entries").asLong());
        require("rows", compared.rows(), moved.path("rows").asLong());
        // Nothing that is found from here on is found in the file.
        for (String old : List.of("vault.db", "vault.db-wal", "vault.db-shm")) {
            Files.deleteIfExists(home.resolve("data").resolve(old));
        }
        long values;
        try (Rig.Serving serving = rig.serve(vault, home)) {
            new CardSearches(rig, vault).checkWhole(serving.port(), CHECKED);
            values = vault.check(home);
        }
        return List.of(
                Reading.of(
                        "move",
                        "move from SQLite into PostgreSQL, killed once",
                        "s",
                        new Series(killed.seconds() + seconds),
                        String.format(
                                Locale.ROOT,
                                "the command `move` twice, each from its start to its end, the log and the comparison of"
                                        + " its own included: killed by SIGKILL after %.1f s, with %,d rows there, and %.1f"
                                        + " s once more; %s",
                                killed.seconds(),
                                killed.rows(),
                                seconds,
                                server.words())),
                Reading.of(
                        "move-rows",
                        "rows moved",
                        "rows",
                        new Series(compared.rows()),
                        compared.tables() + " tables; a vault right after the import"),
                Reading.of(
                                "move-lost",
                                "rows lost, added or changed by it",
                                "rows",
                                new Series(compared.differing()),
                                String.format(
                                        Locale.ROOT,
                                        "every value of every row of every table that either database names, but for"
                                                + " flyway_schema_history, read by the harness from both and compared. Of the"
                                                + " moved vault, without its file, besides: `log verify` passed over %,d"
                                                + " entries, `check` found nothing in %,d values, %d cards were answered"
                                                + " with whom they are of",
                                        entries,
                                        values,
                                        CHECKED))
                        .atMost(0));
    }

    /** How long a move went, and how many rows it left behind. */
    private record Killed(double seconds, long rows) {}

    /** Begins one and kills it once a third of all rows is there; fails if it ends before. */
    private static Killed killOnTheWay(VaultSide vault, Path home, String file, String url)
            throws IOException, InterruptedException {
        long all = count(file);
        long start = System.nanoTime();
        double seconds;
        try (JavaProcess process = vault.move(home, url)) {
            while (count(url) < all / KILLED_AT) {
                process.requireAlive();
                Thread.sleep(LOOK_MILLIS);
            }
            process.kill();
            seconds = (System.nanoTime() - start) / 1e9;
        }
        long rows = count(url);
        if (rows >= all) {
            throw new IllegalStateException("the move was not killed on its way; take more patrons");
        }
        return new Killed(seconds, rows);
    }

    private static long count(String url) throws IOException {
        try (AllRows rows = AllRows.of(url)) {
            return rows.count();
        }
    }

    private static AllRows.Compared compare(String file, String url) throws IOException {
        try (AllRows before = AllRows.of(file);
                AllRows after = AllRows.of(url)) {
            return before.against(after);
        }
    }

    private static void require(String what, long found, long told) {
        if (found != told) {
            throw new IllegalStateException("the move told of " + told + " " + what + ", and there are " + found);
        }
    }
}
