package org.patronvault.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.Histogram;

/**
 * Whether the time of a refused sign-in tells if there is such an account. Known and unknown names take turns, one at a
 * time, in random order; in between the known one signs in, so that it is not locked.
 */
final class SignInFigure implements Figure {
    private static final int PAIRS = 40;
    private static final int WARMING_PAIRS = 20;
    private static final double MILLI = 1e6;

    private int next;

    @Override
    public String name() {
        return "sign-in";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        int rounds = rig.options().rounds();
        double[] known = new double[rounds];
        double[] unknown = new double[rounds];
        Random order = new Random(rig.options().seed());
        try (Rig.Serving serving = rig.serve(rig.vault());
                HttpConnection connection = new HttpConnection(serving.port())) {
            round(connection, WARMING_PAIRS, order);
            for (int round = 0; round < rounds; round++) {
                double[] medians = round(connection, PAIRS, order);
                known[round] = medians[0];
                unknown[round] = medians[1];
            }
        }
        Series ofKnown = new Series(known);
        return List.of(
                Reading.of("sign-in", "wrong password, known name, p50", "ms", ofKnown, "one at a time over HTTP"),
                Reading.of(
                        "sign-in-gap",
                        "the same, less that of an unknown name",
                        "ms",
                        ofKnown.less(new Series(unknown)),
                        "difference of the medians of " + PAIRS + " each a round, in random order"));
    }

    /** The medians of known and unknown names, in milliseconds. */
    private double[] round(HttpConnection connection, int pairs, Random order) throws IOException {
        Histogram known = new Histogram(3);
        Histogram unknown = new Histogram(3);
        for (int i = 0; i < pairs; i++) {
            boolean knownFirst = order.nextBoolean();
            for (boolean isKnown : new boolean[] {knownFirst, !knownFirst}) {
                String name = isKnown ? VaultSide.ADMIN : "nobody" + next;
                long start = System.nanoTime();
                int status = connection.exchange(signIn(name, "not that password"));
                (isKnown ? known : unknown).recordValue(System.nanoTime() - start);
                require(status, 401);
            }
            require(connection.exchange(signIn(VaultSide.ADMIN, VaultSide.PASSWORD)), 201);
        }
        return new double[] {known.getValueAtPercentile(50) / MILLI, unknown.getValueAtPercentile(50) / MILLI};
    }

    /** Each from an address of its own, which the vault is told as by a proxy, since addresses are locked too. */
    private byte[] signIn(String name, String password) {
        next++;
        String address = "10." + (next >> 16) + "." + (next >> 8 & 255) + "." + (next & 255);
        String json = JsonNodeFactory.instance
                .objectNode()
                .put("username", name)
                .put("password", password)
                .toString();
        return HttpConnection.requestFrom(address, "POST", "/v1/sessions", json);
    }

    private static void require(int status, int expected) {
        if (status != expected) {
            throw new IllegalStateException("a sign-in was answered " + status);
        }
    }
}
