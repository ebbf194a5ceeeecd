package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

@Tag(LongRun.TAG)
final class LeakageOnPostgresTest extends LeakageContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }

    @Test
    void whatTheOrderOfRowsTiesTogetherIsSaid() {
        assertThat(list().remarks()).anySatisfy(remark -> assertThat(remark).contains("xmin"));
    }

    @Test
    void orderOfRowsTellsNothingOnceTheyLieByTheirKeys() {
        run("CLUSTER patron USING patron_pkey");
        run("CLUSTER patron USING patron_pkey");
        Map<?, ?> places =
                (Map<?, ?>) play(ThiefGames.SAMPLE).game("pairs").figures().get("places");
        assertThat((double) places.get("area")).isCloseTo(0.5, within(5 * (double) places.get("spread")));
    }

    @Test
    void tablesOfEverySchemaAndViewsThatHoldRowsAreTold() {
        run("CREATE SCHEMA desk");
        try {
            run("CREATE TABLE desk.recent (patron BIGINT, surname TEXT, kept INTERVAL, place POINT)");
            run("INSERT INTO desk.recent SELECT id, 'Smithson', '3 days', '(1,2)' FROM patron");
            run("CREATE MATERIALIZED VIEW desk_view AS SELECT * FROM desk.recent");
            assertThat(play(100).game("repeats").says()).contains("desk.recent.surname", "desk_view.patron");
            LeakageReport report = list();
            assertThat(report.faults())
                    .extracting(LeakageReport.Fault::column)
                    .contains("desk.recent.surname", "desk_view.patron");
            assertThat(report.columns().get("desk.recent.kept").kind()).isEqualTo("unknown");
            assertThat(report.toString()).doesNotContain("Smithson");
        } finally {
            run("DROP SCHEMA desk CASCADE");
        }
    }
}
