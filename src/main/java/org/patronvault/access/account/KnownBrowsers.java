package org.patronvault.access.account;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.KeyCustody;

/**
 * The cookie that proves which accounts a browser has signed in to. It has a random browser number, and for each
 * account the day and a MAC of account, browser and day. It proves nothing else, and only to this vault. It does not
 * show the accounts' names.
 */
public final class KnownBrowsers {
    /** Days for which a browser is known. */
    static final int DAYS = 180;

    /** The most accounts at one browser; the newest are kept. */
    static final int MOST = 12;

    private static final int ID_BYTES = 16;
    private static final int MAC_BYTES = 16;
    private static final int ENTRY_BYTES = Integer.BYTES + MAC_BYTES;
    private static final String SEPARATOR = ".";
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{22}(\\.[A-Za-z0-9_-]{27}){1," + MOST + "}");

    private final KeyCustody custody;
    private final Clock clock;

    public KnownBrowsers(KeyCustody custody, Clock clock) {
        this.custody = custody;
        this.clock = clock;
    }

    /** The cookie of a browser: its number, and an entry for each account. */
    private record Cookie(byte[] id, List<byte[]> entries) {
        private static Optional<Cookie> of(Optional<String> sent) {
            return sent.filter(text -> FORM.matcher(text).matches())
                    .map(text -> {
                        List<byte[]> parts = Arrays.stream(text.split("\\."))
                                .map(part -> Base64.getUrlDecoder().decode(part))
                                .toList();
                        return new Cookie(parts.get(0), parts.subList(1, parts.size()));
                    })
                    .filter(kept -> kept.text().equals(sent.get()));
        }

        private String text() {
            List<String> parts = new ArrayList<>();
            parts.add(encoded(id));
            entries.forEach(entry -> parts.add(encoded(entry)));
            return String.join(SEPARATOR, parts);
        }

        private static String encoded(byte[] bytes) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
    }

    /** The number of the browser, if it has signed in to that account within the last {@value #DAYS} days. */
    Optional<byte[]> id(SignInOrigin origin, String account) {
        return Cookie.of(origin.browser())
                .filter(kept ->
                        kept.entries().stream().anyMatch(entry -> isOf(entry, kept.id(), account) && isKept(entry)))
                .map(Cookie::id);
    }

    /** The new cookie of a browser that has just signed in to that account. */
    public String with(SignInOrigin origin, String account) {
        Cookie kept = Cookie.of(origin.browser()).orElseGet(() -> new Cookie(SecureBytes.random(ID_BYTES), List.of()));
        List<byte[]> entries = new ArrayList<>();
        entries.add(entry(custody.keys().fingerprints().newest(), today(), kept.id(), account));
        kept.entries().stream()
                .filter(entry -> isKept(entry) && !isOf(entry, kept.id(), account))
                .limit(MOST - 1L)
                .forEach(entries::add);
        return new Cookie(kept.id(), entries).text();
    }

    private boolean isKept(byte[] entry) {
        int day = ByteBuffer.wrap(entry).getInt();
        return day <= today() && day > today() - DAYS;
    }

    private boolean isOf(byte[] entry, byte[] id, String account) {
        int day = ByteBuffer.wrap(entry).getInt();
        return custody.keys().fingerprints().all().stream()
                .anyMatch(prf -> MessageDigest.isEqual(entry, entry(prf, day, id, account)));
    }

    private static byte[] entry(Prf prf, int day, byte[] id, String account) {
        byte[] input = CanonicalBytes.begin("known-browser")
                .lp(account)
                .lp(id)
                .u32(day)
                .bytes();
        return ByteBuffer.allocate(ENTRY_BYTES)
                .putInt(day)
                .put(prf.truncated(input, MAC_BYTES))
                .array();
    }

    private int today() {
        return (int) TimeUnit.MILLISECONDS.toDays(clock.millis());
    }
}
