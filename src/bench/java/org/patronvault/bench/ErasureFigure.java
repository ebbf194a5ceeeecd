package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.core.log.AuditLog;

/** How long it takes to erase one patron, and very many; and to count everybody. The last, since it erases. */
final class ErasureFigure implements Figure {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MANY = 10_000;
    private static final int WARMING = 50;
    private static final int ONE_BY_ONE = 200;
    private static final long LOOK_MILLIS = 200;

    @Override
    public String name() {
        return "erasure";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Rig.Disk unused = rig.disk(rig.vault());
        List<String> singles = haveManyExpire(rig);
        List<Reading> readings = new ArrayList<>();
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            Api officer = Api.as(VaultSide.OFFICER, serving.port());
            Api director = Api.as(VaultSide.DIRECTOR, serving.port());
            readings.add(statistics(director));
            readings.add(one(rig, officer, singles));
            readings.add(many(officer, director));
        }
        return readings;
    }

    /** Patrons to erase one by one, who do not expire. */
    private static List<String> haveManyExpire(Rig rig) throws IOException, InterruptedException {
        long patrons = rig.options().patrons();
        long expiring = Math.min(MANY, patrons / 2);
        List<String> ids = new ArrayList<>();
        Api.prepare(
                rig.home(rig.vault()),
                expiring,
                (vault, id) -> vault.patrons()
                        .correction()
                        .apply(
                                Api.clerk(),
                                Optional.of(id),
                                OptionalLong.of(vault.patrons()
                                        .directory()
                                        .find(Api.clerk(), Optional.of(id), AuditLog.newRequest())
                                        .version()),
                                () -> expired(),
                                Optional.empty(),
                                AuditLog.newRequest()));
        Api.prepare(
                rig.home(rig.vault()),
                expiring + WARMING + (long) ONE_BY_ONE * rig.options().rounds(),
                (vault, id) -> {
                    synchronized (ids) {
                        ids.add(id.toString());
                    }
                });
        return ids;
    }

    private static JsonNode expired() {
        try {
            return JSON.readTree("{\"expires\":\"2001-01-31\",\"status\":\"active\"}");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Reading statistics(Api director) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long counted =
                director.get("/v1/statistics?by=library,category").path("cells").size();
        double seconds = (System.nanoTime() - start) / 1e9;
        Bench.tell("statistics: %.3f s for %d cells", seconds, counted);
        return Reading.of(
                        "statistics",
                        "statistics, first request of a day",
                        "s",
                        new Series(seconds),
                        "everybody counted by library and category, and frozen; later requests of the day find it")
                .atMost(1);
    }

    private static Reading one(Rig rig, Api officer, List<String> singles) throws IOException, InterruptedException {
        double[] p95 = new double[rig.options().rounds()];
        List<String> left =
                new ArrayList<>(singles.subList(singles.size() - WARMING - ONE_BY_ONE * p95.length, singles.size()));
        for (String id : left.subList(0, WARMING)) {
            officer.delete("/v1/patrons/" + id);
        }
        for (int round = 0; round < p95.length; round++) {
            double[] millis = new double[ONE_BY_ONE];
            for (int i = 0; i < ONE_BY_ONE; i++) {
                long start = System.nanoTime();
                officer.delete("/v1/patrons/" + left.get(WARMING + round * ONE_BY_ONE + i));
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
            Arrays.sort(millis);
            p95[round] = millis[ONE_BY_ONE * 95 / 100];
            Bench.tell("erasure: p95 %.1f ms", p95[round]);
        }
        return Reading.of(
                        "erasure-one",
                        "erasure of one patron, p95",
                        "ms",
                        new Series(p95),
                        "`DELETE /v1/patrons/{id}`, one after the other: rows, index, log, ledger, pages and write-ahead"
                                + " log cleared, certificate signed")
                .atMost(100);
    }

    private static Reading many(Api officer, Api director) throws IOException, InterruptedException {
        JsonNode review = officer.post("/v1/retention/expired/reviews", Api.object());
        String path = "/v1/retention/reviews/" + review.path("id").asText();
        long listed = review.path("patrons").size();
        ObjectNode today =
                Api.object().put("today", LocalDate.now(Clock.systemUTC()).toString());
        JsonNode asked = officer.post(path + "/run", today);
        long start = System.nanoTime();
        if (asked.path("state").asText().equals("pending")) {
            director.post("/v1/approvals/" + asked.path("id").asText(), Api.object());
            start = System.nanoTime();
            asked = officer.post(path + "/run", today);
        }
        while (!officer.get(path).path("state").asText().equals("done")) {
            Thread.sleep(LOOK_MILLIS);
        }
        double each = listed / ((System.nanoTime() - start) / 1e9);
        Bench.tell("retention: %d patrons, %.0f a second", listed, each);
        return Reading.of(
                        "erasure-retention",
                        "erasure by retention",
                        "patrons/s",
                        new Series(each),
                        listed
                                + " patrons in one run, from the request to its end, somebody looking five times a second")
                .atLeast(300);
    }
}
