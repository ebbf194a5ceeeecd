package org.patronvault.core.keys.hsm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The address of a key in an HSM.
 *
 * @param library absolute path of the HSM's PKCS#11 library
 * @param token label of the token, at most 32 bytes of UTF-8, never its number, which changes
 * @param key label of the key in the token, at most 64 bytes of UTF-8
 */
public record HsmAddress(String library, String token, String key) {
    private static final Pattern LIBRARY = Pattern.compile("(/[A-Za-z0-9._+-]{1,64}){1,16}");
    /** Half of a pair of surrogates is no character, so AAD cannot contain it. */
    private static final Pattern LABEL =
            Pattern.compile("[^\\p{Cntrl}\\p{Cs} ]([^\\p{Cntrl}\\p{Cs}]*[^\\p{Cntrl}\\p{Cs} ])?");

    private static final int TOKEN_BYTES = 32;
    private static final int KEY_BYTES = 64;
    private static final String SCHEME = "pkcs11:";
    private static final String FORM =
            "An HSM is named by pkcs11:token=LABEL;object=LABEL?module-path=/PATH/LIBRARY.so, and by nothing more;";

    /** Refuses an invalid address with {@code invalid}. */
    public HsmAddress {
        if (!LIBRARY.matcher(library).matches() || library.contains("/..")) {
            throw new Refused(
                    Problem.INVALID, FORM + " the path is absolute, of letters, digits and . _ + - between slashes.");
        }
        requireLabel(token, TOKEN_BYTES);
        requireLabel(key, KEY_BYTES);
    }

    private static void requireLabel(String label, int maxBytes) {
        if (!LABEL.matcher(label).matches() || label.getBytes(UTF_8).length > maxBytes) {
            throw new Refused(Problem.INVALID, FORM + " a token's label has at most 32 bytes, a key's 64.");
        }
    }

    /**
     * Reads a PKCS#11 URI (RFC 7512) with exactly the attributes {@code token}, {@code object} and {@code module-path}.
     * Any other attribute is refused, a PIN too: other people may see an address.
     */
    public static HsmAddress of(String uri) {
        String[] parts = uri.split("\\?", -1);
        if (!uri.startsWith(SCHEME) || parts.length != 2) {
            throw new Refused(Problem.INVALID, FORM + " that is how RFC 7512 writes it.");
        }
        Map<String, String> given = new HashMap<>();
        for (String attribute : parts[0].substring(SCHEME.length()).split(";", -1)) {
            put(given, attribute);
        }
        put(given, parts[1]);
        if (!given.keySet().equals(java.util.Set.of("token", "object", "module-path"))) {
            throw new Refused(Problem.INVALID, FORM + " a PIN belongs into the file that unseal.hsmPinFile names.");
        }
        return new HsmAddress(given.get("module-path"), given.get("token"), given.get("object"));
    }

    private static void put(Map<String, String> given, String attribute) {
        int at = attribute.indexOf('=');
        try {
            if (at > 0) {
                String value = URLDecoder.decode(attribute.substring(at + 1).replace("+", "%2B"), UTF_8);
                if (given.put(attribute.substring(0, at), value) == null) {
                    return;
                }
            }
        } catch (IllegalArgumentException e) {
            // Reported below, without the value.
        }
        throw new Refused(Problem.INVALID, FORM + " each attribute once, with = before its value.");
    }
}
