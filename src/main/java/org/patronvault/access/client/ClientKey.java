package org.patronvault.access.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.patronvault.core.crypto.SecureBytes;

/** The form of a client's key: {@code pvk_}, 32 random characters and a checksum, which detects a typing error. */
final class ClientKey {
    private static final String PREFIX = "pvk_";
    private static final int RANDOM_BYTES = 24;
    private static final int CHECKSUM_LENGTH = 8;
    private static final int LENGTH = PREFIX.length() + 32 + CHECKSUM_LENGTH;

    private ClientKey() {}

    static String fresh() {
        String random = Base64.getUrlEncoder().withoutPadding().encodeToString(SecureBytes.random(RANDOM_BYTES));
        return PREFIX + random + checksum(random);
    }

    static boolean isFormed(String key) {
        return key.length() == LENGTH
                && key.startsWith(PREFIX)
                && key.endsWith(checksum(key.substring(PREFIX.length(), LENGTH - CHECKSUM_LENGTH)));
    }

    private static String checksum(String random) {
        CRC32 crc = new CRC32();
        crc.update(random.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
