package org.patronvault.bench;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.security.GeneralSecurityException;
import java.util.List;

/** Tink's envelope encryption, as Tink documents it, but with the key that guards the others in memory. */
final class TinkCipher implements FieldCipher {
    private final byte[][][] values;
    private final byte[][][] bindings;
    private final Aead envelope;

    TinkCipher(List<FourValues> patrons) {
        this.values = patrons.stream().map(FourValues::padded).toArray(byte[][][]::new);
        this.bindings = patrons.stream().map(FourValues::bindings).toArray(byte[][][]::new);
        try {
            AeadConfig.register();
            Aead remote = KeysetHandle.newBuilder()
                    .addEntry(KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                            .withRandomId()
                            .makePrimary())
                    .build()
                    .getPrimitive(RegistryConfiguration.get(), Aead.class);
            this.envelope = KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, remote);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public byte[][] seal(int patron) throws GeneralSecurityException {
        byte[][] sealed = new byte[values[patron].length][];
        for (int i = 0; i < sealed.length; i++) {
            sealed[i] = envelope.encrypt(values[patron][i], bindings[patron][i]);
        }
        return sealed;
    }

    @Override
    public byte[][] open(int patron, byte[][] sealed) throws GeneralSecurityException {
        byte[][] opened = new byte[sealed.length][];
        for (int i = 0; i < opened.length; i++) {
            opened[i] = envelope.decrypt(sealed[i], bindings[patron][i]);
        }
        return opened;
    }
}
