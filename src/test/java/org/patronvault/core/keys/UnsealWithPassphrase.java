package org.patronvault.core.keys;

import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;

/**
 * A small program for a Java process of its own. It unseals the keys in the given directory with the passphrase on
 * standard input, and prints the public key of the log.
 */
public final class UnsealWithPassphrase {
    private UnsealWithPassphrase() {}

    public static void main(String[] args) throws java.io.IOException {
        KeyCustody custody = KeyCustody.at(Path.of(args[0]), Clock.systemUTC());
        custody.unseal(System.in.readAllBytes());
        System.out.print(HexFormat.of().formatHex(custody.keys().logSigning().publicKey()));
    }
}
