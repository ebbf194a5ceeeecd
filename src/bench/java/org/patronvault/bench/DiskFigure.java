package org.patronvault.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** How large a patron is on disk. */
final class DiskFigure implements Figure {
    @Override
    public String name() {
        return "disk";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        double patrons = rig.options().patrons();
        Rig.Disk vault = rig.disk(rig.vault());
        Rig.Disk twin = rig.disk(rig.twin());
        String parts = vault.bytesByTable().entrySet().stream()
                .map(table -> table.getKey() + " " + BenchReport.number(table.getValue() / patrons))
                .collect(Collectors.joining(", "));
        return List.of(Reading.of(
                        "disk",
                        "database after the import",
                        "bytes/patron",
                        new Series(vault.bytes() / patrons),
                        "the SQLite file after wal_checkpoint(TRUNCATE), the log of the import in it; by table: "
                                + parts)
                .beside(new Series(twin.bytes() / patrons))
                .atMost(4_096));
    }
}
