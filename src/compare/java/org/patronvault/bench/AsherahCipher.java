package org.patronvault.bench;

import com.godaddy.asherah.appencryption.Session;
import com.godaddy.asherah.appencryption.SessionFactory;
import com.godaddy.asherah.crypto.BasicExpiringCryptoPolicy;
import java.util.List;

/**
 * GoDaddy's Asherah with the key that guards the others, and what it stores of keys, in memory. A patron is a partition,
 * and sessions are cached, as its documentation advises; keys are checked once an hour and expire after 90 days.
 */
final class AsherahCipher implements FieldCipher {
    private static final int EXPIRATION_DAYS = 90;
    private static final int REVOKE_CHECK_MINUTES = 60;

    private final String[] partitions;
    private final byte[][][] values;
    private final SessionFactory sessions;

    AsherahCipher(List<FourValues> patrons) {
        this.partitions =
                patrons.stream().map(patron -> patron.patron().toString()).toArray(String[]::new);
        this.values = patrons.stream().map(FourValues::padded).toArray(byte[][][]::new);
        this.sessions = SessionFactory.newBuilder("patron-vault", "bench")
                .withInMemoryMetastore()
                .withCryptoPolicy(BasicExpiringCryptoPolicy.newBuilder()
                        .withKeyExpirationDays(EXPIRATION_DAYS)
                        .withRevokeCheckMinutes(REVOKE_CHECK_MINUTES)
                        .withCanCacheSessions(true)
                        .build())
                .withStaticKeyManagementService("a static key of 32 bytes in text")
                .build();
    }

    @Override
    public byte[][] seal(int patron) {
        byte[][] sealed = new byte[values[patron].length][];
        try (Session<byte[], byte[]> session = sessions.getSessionBytes(partitions[patron])) {
            for (int i = 0; i < sealed.length; i++) {
                sealed[i] = session.encrypt(values[patron][i]);
            }
        }
        return sealed;
    }

    @Override
    public byte[][] open(int patron, byte[][] sealed) {
        byte[][] opened = new byte[sealed.length][];
        try (Session<byte[], byte[]> session = sessions.getSessionBytes(partitions[patron])) {
            for (int i = 0; i < opened.length; i++) {
                opened[i] = session.decrypt(sealed[i]);
            }
        }
        return opened;
    }
}
