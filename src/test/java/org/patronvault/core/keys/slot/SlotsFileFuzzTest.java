package org.patronvault.core.keys.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.ParserFuzz;

/**
 * Fuzz tests of {@code keys/slots.json}. An accepted file is written again with equal content. Each of its slots can be
 * listed and tried, and shares open their root or are refused.
 */
final class SlotsFileFuzzTest extends ParserFuzz {
    private static final String VAULT = "0123456789abcdef0123456789abcdef";
    private static final byte[] ROOT = new byte[32];
    private static final SharesSlot.NewSlot SHARES = SharesSlot.create(VAULT, head(2), 3, 2, ROOT, new SecureRandom());

    private static Slot.Head head(int id) {
        return new Slot.Head(id, 1, 1_795_000_000);
    }

    @Override
    protected String frequent() {
        return "{}[]\":,-0e\\u= ";
    }

    @Override
    protected List<byte[]> right() {
        byte[] wrap = new byte[105];
        Slot passphrase = new PassphraseSlot(head(1), Argon2Parameters.ROOT, new byte[16], wrap);
        Slot hsm = new HsmSlot(head(3), new HsmAddress("/usr/lib/p11.so", "desk", "root"), new byte[60], wrap);
        String arn = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d";
        Slot kms = new KmsSlot(head(4), KmsSlot.SCHEME + arn, new byte[60], wrap);
        return List.of(
                new SlotsFile(VAULT, List.of(SHARES.slot())).bytes(),
                new SlotsFile(VAULT, List.of(passphrase, SHARES.slot(), hsm, kms), 7).bytes());
    }

    @Override
    protected int made() {
        return LongRun.times(5_000, 20_000);
    }

    @Override
    protected void check(byte[] input) {
        SlotsFile file;
        try {
            file = SlotsFile.parse(input);
        } catch (Refused e) {
            assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED);
            return;
        }
        assertThat(SlotsFile.parse(file.bytes()).bytes()).isEqualTo(file.bytes());
        for (Slot slot : file.slots()) {
            assertThat(slot.head().id()).isLessThan(file.next());
            assertThat(slot.facts().openedBy()).isEqualTo(slot.openedBy());
            assertThat(SlotsFile.slot(slot.toJson().toString()).toJson()).isEqualTo(slot.toJson());
            bind(slot);
        }
        // Those of another vault than the ring's are refused before.
        if (file.vaultId().equals(VAULT)) {
            open(file);
        }
    }

    /** Computes the AAD, as opening the slot does first. */
    private static void bind(Slot slot) {
        CanonicalBytes bound = slot.head().aad(VAULT, slot.kind());
        if (slot instanceof HsmSlot hsm) {
            bound.lp(hsm.address().token()).lp(hsm.address().key());
        }
    }

    private static void open(SlotsFile file) {
        try {
            SharesSlot slot = SharesSlot.of(file.slots(), SHARES.shares().get(0));
            assertThat(slot.setName()).isNotEmpty();
            assertThat(slot.open(VAULT, SHARES.shares())).isEqualTo(ROOT);
        } catch (Refused | IntegrityException e) {
            assertThat(e.getMessage()).doesNotContain("null");
        }
    }
}
