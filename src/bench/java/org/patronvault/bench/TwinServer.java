package org.patronvault.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The twin's HTTP: Javalin with its own settings, and the answers of the vault's search and entitlement check. */
final class TwinServer {
    private static final Duration A_DAY = Duration.ofDays(1);
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** The one member that decides the answer: the fields asked for are always the four that a patron has. */
    private record Question(String card) {}

    private record Found(List<TwinStore.Patron> results, boolean more, long entry) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Entitlement(boolean entitled, String validUntil, String subject, String reason) {}

    private final TwinStore store;
    private final int port;

    TwinServer(TwinStore store, int port) {
        this.store = store;
        this.port = port;
    }

    /** Serves until the process ends. */
    void start() {
        Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    config.routes.get("/health/ready", ctx -> ctx.result("ready"));
                    config.routes.post("/v1/patrons/search", this::search);
                    config.routes.post("/v1/entitlements/check", this::check);
                })
                .start("127.0.0.1", port);
    }

    private void search(Context ctx) throws IOException, SQLException {
        answer(ctx, new Found(store.find(card(ctx)).stream().toList(), false, 0));
    }

    private void check(Context ctx) throws IOException, SQLException {
        Optional<TwinStore.Standing> standing = store.findStanding(card(ctx)).filter(TwinServer::isEntitled);
        answer(
                ctx,
                standing.isPresent()
                        ? new Entitlement(
                                true,
                                Instant.now()
                                        .plus(A_DAY)
                                        .truncatedTo(ChronoUnit.SECONDS)
                                        .toString(),
                                standing.get().id(),
                                null)
                        : new Entitlement(false, null, null, "not-entitled"));
    }

    private static boolean isEntitled(TwinStore.Standing standing) {
        return standing.status().equals("active")
                && (standing.expires().isEmpty()
                        || !LocalDate.parse(standing.expires()).isBefore(LocalDate.now(ZoneOffset.UTC)));
    }

    private static String card(Context ctx) throws IOException {
        return JSON.readValue(ctx.bodyAsBytes(), Question.class).card();
    }

    private static void answer(Context ctx, Object answer) throws IOException {
        ctx.contentType("application/json").result(JSON.writeValueAsBytes(answer));
    }
}
