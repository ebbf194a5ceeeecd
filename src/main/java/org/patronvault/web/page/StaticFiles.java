package org.patronvault.web.page;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.QuotedQualityCSV;
import org.patronvault.web.http.StreamedResponses;

/**
 * The handler of {@code /static/…}: styles and scripts of the pages, equal for everybody. Each file is held once in
 * memory, plain and compressed. Javalin's own handler opens the whole jar as a file system and keeps all its names.
 */
public final class StaticFiles {
    private static final Map<String, String> TYPES = Map.of(
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");
    private static final String[] NAMES = {
        "vault.css", "share-card.css", "report.css", "desk.js", "idle.js", "htmx.min.js", "vault.svg"
    };
    private static final int TAG_BYTES = 12;
    private static final String PACKED = "gzip";

    /** A file, plain and compressed. {@code tag} changes with its content. */
    private record StaticFile(byte[] plain, byte[] packed, String tag) {
        private static StaticFile read(String name) {
            try (InputStream in = StaticFiles.class.getResourceAsStream("/static/" + name)) {
                byte[] plain = in.readAllBytes();
                ByteArrayOutputStream packed = new ByteArrayOutputStream();
                try (GZIPOutputStream packing = new GZIPOutputStream(packed)) {
                    packing.write(plain);
                }
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(plain);
                return new StaticFile(
                        plain, packed.toByteArray(), HexFormat.of().formatHex(Arrays.copyOf(digest, TAG_BYTES)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("SHA-256 is not available", e);
            }
        }
    }

    public void register(RoutesConfig routes) {
        for (String name : NAMES) {
            StaticFile file = StaticFile.read(name);
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            routes.get("/static/" + name, ctx -> answer(ctx, file, type));
        }
    }

    private static void answer(Context ctx, StaticFile file, String type) {
        boolean packed = takesPacked(ctx);
        // The compressed body is another body, and so has another tag (RFC 9110, 8.8.3.3).
        String tag = "\"" + file.tag() + (packed ? "-" + PACKED : "") + "\"";
        ctx.header("Cache-Control", "max-age=3600");
        ctx.header("Vary", "Accept-Encoding");
        ctx.header("ETag", tag);
        // A list of tags, any of which a proxy may have made weak (RFC 9110, 13.1.2).
        if (String.valueOf(ctx.header("If-None-Match")).contains(tag)) {
            ctx.status(HttpStatus.NOT_MODIFIED);
            return;
        }
        ctx.contentType(type);
        if (packed) {
            ctx.header("Content-Encoding", PACKED);
        }
        StreamedResponses.shared(ctx, packed ? file.packed() : file.plain());
    }

    private static boolean takesPacked(Context ctx) {
        QuotedQualityCSV taken = new QuotedQualityCSV();
        taken.addValue(String.valueOf(ctx.header("Accept-Encoding")));
        return taken.getValues().contains(PACKED);
    }
}
