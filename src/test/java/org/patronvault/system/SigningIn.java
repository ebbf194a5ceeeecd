package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * People who sign in all the time and at once, each time by a new connection, every other time with a wrong password: as
 * somebody there is not, which takes as long and locks nobody.
 */
final class SigningIn implements AutoCloseable {
    /** Fewer than lock an address. */
    private static final int MOST_WRONG = 80;

    private static final int PATIENCE_SECONDS = 60;
    private static final String LATE = "the log was late";

    private final RunningVault vault;
    private final Map<String, Integer> answers = new ConcurrentSkipListMap<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final ExecutorService people;
    private volatile boolean over;

    private SigningIn(RunningVault vault, int many) {
        this.vault = vault;
        this.people = Executors.newFixedThreadPool(many);
        for (int n = 0; n < many; n++) {
            people.execute(this::signIn);
        }
    }

    /** So many, until it is closed. */
    static SigningIn begin(RunningVault vault, int many) {
        return new SigningIn(vault, many);
    }

    private void signIn() {
        while (!over) {
            int n = begun.getAndIncrement();
            boolean wrong = n % 2 == 0 && n < 2 * MOST_WRONG;
            String answer = vault.callAnew(
                    "/v1/sessions",
                    "",
                    RunningVault.credentials(wrong ? "nobody" + n : "clerk", RunningVault.PASSWORD));
            String line = answer.lines().findFirst().orElse("none");
            answers.merge(answer.contains("/log-unavailable\"") ? LATE : line, 1, Integer::sum);
        }
    }

    /** Ends it, and requires that each was answered, and told whether the password was right. */
    void requireAnswered() {
        close();
        assertThat(answers).containsKeys("HTTP/1.1 201 Created", "HTTP/1.1 401 Unauthorized");
        assertThat(answers.keySet()).isSubsetOf("HTTP/1.1 201 Created", "HTTP/1.1 401 Unauthorized", LATE);
    }

    @Override
    public void close() {
        over = true;
        people.shutdown();
        try {
            assertThat(people.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
