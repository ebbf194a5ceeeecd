package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What one caller waits for four fields and for a name, of the vault and of PostgreSQL with pgcrypto, in turn. The vault
 * answers over HTTP, by its policy, and has it in the log; pgcrypto only decrypts.
 */
final class PgcryptoFigure implements Figure {
    private static final double MILLI = 1e6;
    private static final int CHECKED = 200;
    private static final int MANY = 1_000_000;
    private static final double MOST_OF_A_SCAN = 0.01;
    private static final String PGCRYPTO = "pgcrypto";

    @Override
    public String name() {
        return "pgcrypto";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Path database = rig.scratch("pgcrypto-patrons");
        try (PostgresServer server = PostgresServer.start(rig.scratch("pgcrypto"))) {
            PgcryptoTable table = PgcryptoTable.load(server.make(database), rig.patrons());
            Bench.tell(
                    "pgcrypto: loaded, %.0f bytes/patron",
                    server.disk(database).bytes() / (double) rig.options().patrons());
            try (Rig.Serving serving = rig.serve(rig.vault())) {
                return measure(rig, serving, table, server.words());
            }
        }
    }

    private static List<Reading> measure(Rig rig, Rig.Serving serving, PgcryptoTable table, String server)
            throws IOException, InterruptedException {
        long seed = rig.options().seed();
        CardSearches cards = new CardSearches(rig, serving.side());
        cards.checkWhole(serving.port(), CHECKED);
        Load vaultByCard = new Load(serving.port(), cards);
        Load vaultByName = new Load(serving.port(), desk(rig));
        Reading card = sideBySide(
                rig,
                vaultByCard,
                table.byCard(rig.patrons(), seed),
                "pgcrypto-card",
                "four fields of one patron by card, one caller, p50",
                "the vault over HTTP, authorised and logged on disk; pgp_sym_decrypt of the row found by an index on a"
                        + " keyed hash, over JDBC and loopback, with options "
                        + PgcryptoTable.PGP_OPTIONS
                        + "; "
                        + server);
        Reading name = sideBySide(
                rig,
                vaultByName,
                table.byName(desk(rig)),
                "pgcrypto-name",
                "found by family name and initial, one caller, p50",
                "a page of whoever is called so; pgcrypto has to decrypt every row, as often as the round has time, and"
                        + " once at least");
        return List.of(card, rig.options().patrons() >= MANY ? name.atMostOfOther(MOST_OF_A_SCAN) : name);
    }

    private static BenchDesk desk(Rig rig) {
        return new BenchDesk(
                rig.patrons(), rig.options().seed(), rig.vault().token(), Optional.of(BenchDesk.Typed.FAMILY_INITIAL));
    }

    private static Reading sideBySide(Rig rig, Load vault, Load other, String id, String title, String note)
            throws IOException, InterruptedException {
        Options options = rig.options();
        double[][] p50 = new double[2][options.rounds()];
        List<Load> loads = List.of(vault, other);
        for (Load load : loads) {
            double unused = load.throughput(1, options.warmSeconds(), 0);
        }
        for (int round = 0; round < options.rounds(); round++) {
            rig.readThrough(rig.vault());
            for (int side : SideBySide.inTurn(round)) {
                p50[side][round] = loads.get(side)
                                .oneAfterAnother(options.seconds(), 300_000 + round)
                                .getValueAtPercentile(50)
                        / MILLI;
            }
            Bench.tell("%s, p50, vault: %.3f ms, pgcrypto: %.3f ms", id, p50[0][round], p50[1][round]);
        }
        return Reading.of(id, title, "ms", new Series(p50[0]), note).beside(PGCRYPTO, new Series(p50[1]));
    }
}
