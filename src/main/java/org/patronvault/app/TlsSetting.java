package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Optional;
import org.patronvault.web.http.ServerTls;

/**
 * The two PEM files of a listener as vault.yaml names them: a certificate chain and its key.
 *
 * @param group their place in the file, such as {@code http}
 */
record TlsSetting(String group, String certificates, String key) {
    private static final String CERTIFICATES = "tlsCert";
    private static final String KEY = "tlsKey";

    /** Reads both names from {@code node}, or neither. */
    static Optional<TlsSetting> read(JsonNode node, String group) {
        Optional<String> certificates = Settings.text(node, CERTIFICATES);
        Optional<String> key = Settings.text(node, KEY);
        if (certificates.isPresent() != key.isPresent()) {
            throw Settings.wrong("must give " + named(group) + " together");
        }
        return certificates.map(named -> new TlsSetting(group, named, key.orElseThrow()));
    }

    private static String named(String group) {
        return group + "." + CERTIFICATES + " and " + group + "." + KEY;
    }

    /** Reads the files, with relative paths resolved in the home. */
    ServerTls of(Home home) {
        return new ServerTls(certificatesOf(home), keyOf(home), named(group));
    }

    Path certificatesOf(Home home) {
        return Settings.absolute(home, Path.of(certificates));
    }

    Path keyOf(Home home) {
        return Settings.absolute(home, Path.of(key));
    }
}
