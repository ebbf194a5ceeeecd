package org.patronvault.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;

/**
 * Searches as a desk types them, each aimed at a patron who is drawn at random, so that a name is typed as often as it
 * is borne. What is found is not compared, but that somebody is.
 */
final class BenchDesk implements Load.Asking {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LEAST_ANSWER_BYTES = 150;

    /** Letters that sound alike, in English or Spanish. */
    private static final List<List<String>> ALIKE =
            List.of(List.of("ph", "f"), List.of("ck", "k"), List.of("z", "s"), List.of("y", "i"), List.of("v", "b"));

    private static final Set<String> FREQUENT =
            Set.copyOf(MadeUpPatrons.frequentSurnames().subList(0, 50));

    /** What is typed. */
    enum Typed {
        CARD(3),
        PHONE(3),
        EMAIL(3),
        /** As in "Smith, J": more bear it than a page holds. */
        FREQUENT_FAMILY_INITIAL(8),
        /** Of anybody: few of most families have that initial, so that what sounds alike and slips are looked for too. */
        FAMILY_INITIAL(12),
        START(8),
        SOUND(12),
        TYPO(12),
        FULL_NAME(50);

        private final double mostMillis;

        Typed(double mostMillis) {
            this.mostMillis = mostMillis;
        }

        /** What its 95th percentile may be. */
        double mostMillis() {
            return mostMillis;
        }

        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private Optional<String> by(MadeUpPatron patron, SplittableRandom random) {
            String family = patron.name().family();
            String given = patron.name().given();
            if (given.isEmpty()) {
                return Optional.empty();
            }
            return switch (this) {
                case CARD -> Optional.of(patron.card());
                case PHONE ->
                    patron.canonicalPhones().stream()
                            .filter(phone -> phone.startsWith("+1") && phone.length() == 12)
                            .findFirst();
                case EMAIL -> patron.email().stream().findFirst();
                case FREQUENT_FAMILY_INITIAL ->
                    FAMILY_INITIAL.by(patron, random).filter(typed -> FREQUENT.contains(family));
                case FAMILY_INITIAL -> Optional.of(family + ", " + given.charAt(0));
                case START ->
                    Optional.of(family.replaceAll("\\P{L}", ""))
                            .filter(name -> name.length() > 3)
                            .map(name -> name.substring(0, 3));
                case SOUND -> respelled(family).map(name -> name + ", " + given);
                case TYPO ->
                    Optional.of(family)
                            .filter(name -> name.length() > 4)
                            .map(name -> slip(name, random) + ", " + given);
                case FULL_NAME -> Optional.of(given + " " + family);
            };
        }

        private static Optional<String> respelled(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            return ALIKE.stream()
                    .flatMap(pair -> Stream.of(pair, List.of(pair.get(1), pair.get(0))))
                    .filter(pair -> lower.contains(pair.get(0)))
                    .map(pair -> lower.replaceFirst(pair.get(0), pair.get(1)))
                    .findFirst();
        }

        private static String slip(String name, SplittableRandom random) {
            int at = 1 + random.nextInt(name.length() - 2);
            return name.substring(0, at) + name.charAt(at + 1) + name.charAt(at) + name.substring(at + 2);
        }
    }

    private final long seed;
    private final MadeUpPatrons patrons;
    private final String token;
    private final Optional<Typed> typed;

    /** Always the same sort, or, if none is given, each in turn. */
    BenchDesk(MadeUpPatrons patrons, long seed, String token, Optional<Typed> typed) {
        this.seed = seed;
        this.patrons = patrons;
        this.token = token;
        this.typed = typed;
    }

    /** What is typed for the request number {@code n} of that stream. */
    String typed(long stream, long n) {
        Typed one = typed.orElse(Typed.values()[(int) (n % Typed.values().length)]);
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + stream * 7_919_333 + n);
        Optional<String> q = Optional.empty();
        while (q.isEmpty()) {
            MadeUpPatron patron = patrons.patron(1 + random.nextInt(patrons.size()));
            q = one.by(patron, random);
        }
        return q.get();
    }

    @Override
    public byte[] request(long stream, long n) {
        String json = JSON.createObjectNode()
                .put("q", typed(stream, n))
                .put("purpose", "account-service")
                .toString();
        return HttpConnection.request("POST", "/v1/patrons/search", token, json);
    }

    @Override
    public void check(HttpConnection answered, int status) throws IOException {
        boolean somebody = answered.bodyBytes() >= LEAST_ANSWER_BYTES
                // A respelling or a slip may be more than one letter off once accents and blanks are gone.
                || typed.filter(Typed.SOUND::equals).isPresent()
                || typed.filter(Typed.TYPO::equals).isPresent()
                || typed.isEmpty();
        if (status != 200 || !somebody) {
            throw new IOException("status " + status + ": " + answered.body());
        }
    }
}
