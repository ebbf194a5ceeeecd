package org.patronvault.bench;

import java.security.GeneralSecurityException;
import java.util.List;

/** A way to keep four fields of each patron, every value by itself. A patron is a place in the list it was made with. */
interface FieldCipher {
    /** Seals that patron's values, as they would be stored. */
    byte[][] seal(int patron) throws GeneralSecurityException;

    /** Opens what it sealed of that patron; values may have zeros behind them. */
    byte[][] open(int patron, byte[][] sealed) throws GeneralSecurityException;

    /** The one of that name, for those patrons. */
    static FieldCipher of(String name, List<FourValues> patrons) {
        return switch (name) {
            case "vault" -> new VaultCipher(patrons);
            case "jce" -> new JceCipher(patrons, true);
            case "jce-anew" -> new JceCipher(patrons, false);
            case "tink" -> new TinkCipher(patrons);
            case "asherah" -> new AsherahCipher(patrons);
            default -> throw new IllegalArgumentException("nobody is called " + name);
        };
    }
}
