package org.patronvault.core.keys.hsm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.security.auth.login.LoginException;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.SecureBytes;

/**
 * The process that {@link Pkcs11Token} starts. It loads the library, finds the token, logs in once, does one act with
 * the key and ends. The request comes on standard input, the answer goes to standard output.
 */
public final class Pkcs11Child {
    /** The act with the key. */
    public enum Act {
        /** Only checks that the token is there. No PIN is offered. */
        LOOK,
        /** Encrypt, under a key that is made if there is none of that label. */
        WRAP,
        UNWRAP
    }

    /** The outcome of the act. */
    enum Outcome {
        DONE,
        NO_LIBRARY,
        NO_TOKEN,
        SEVERAL_TOKENS,
        PIN_WRONG,
        PIN_LOCKED,
        /** The login failed for a reason that may have been the PIN. */
        NOT_LET_IN,
        NO_KEY,
        SEVERAL_KEYS,
        KEY_CAN_LEAVE,
        NOT_AUTHENTIC,
        FAILED
    }

    /** The prefix of an answer, since a library may write to standard output too. */
    static final String ANSWER = "pv1.hsm.answer";

    /** Sent before the PIN is offered. A parent that receives nothing more knows that the PIN may have been offered. */
    static final byte[] LOGIN = CanonicalBytes.begin("pv1.hsm.login").bytes();

    static final String QUESTION = "pv1.hsm.question";

    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private static final int MAX_SLOTS = 64;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final Pattern TOKEN_LABEL =
            Pattern.compile("Token info for token in slot .*\\R\\s*label: (.*)", Pattern.MULTILINE);
    private static final Pattern RETURN_VALUE = Pattern.compile("CKR_[A-Z0-9_]+");
    private static final String KEY_ATTRIBUTES = """
            attributes(generate, CKO_SECRET_KEY, CKK_AES) = {
              CKA_TOKEN = true
              CKA_PRIVATE = true
              CKA_SENSITIVE = true
              CKA_EXTRACTABLE = false
              CKA_ENCRYPT = true
              CKA_DECRYPT = true
            }
            """;

    private Pkcs11Child() {}

    /** Thrown if the act failed, with its outcome. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
        private final Outcome outcome;

        private Failure(Outcome outcome) {
            this.outcome = outcome;
        }
    }

    public static void main(String[] args) throws IOException {
        Outcome outcome = Outcome.DONE;
        byte[] result = new byte[0];
        try {
            result = answer(System.in.readAllBytes());
        } catch (Failure e) {
            outcome = e.outcome;
        } catch (IOException | GeneralSecurityException | ProviderException e) {
            String returned = returnValue(e);
            outcome = outcomeOf(e, returned);
            result = returned.getBytes(US_ASCII);
        }
        byte[] answer =
                CanonicalBytes.begin(ANSWER).lp(outcome.name()).lp(result).bytes();
        OUT.write(answer);
        // A thread of a library must not keep this process.
        Runtime.getRuntime().halt(0);
    }

    private static byte[] answer(byte[] question) throws Failure, IOException, GeneralSecurityException {
        CanonicalReader in = CanonicalReader.begin(question, QUESTION);
        Act act = Act.valueOf(in.lpString());
        String library = in.lpString();
        String token = in.lpString();
        String label = in.lpString();
        byte[] aad = in.lp();
        char[] pin = new char[(int) in.u32()];
        for (int i = 0; i < pin.length; i++) {
            pin[i] = (char) in.u16();
        }
        byte[] input = in.raw(in.remaining());
        AuthProvider provider = find(library, token);
        if (act == Act.LOOK) {
            return new byte[0];
        }
        try {
            OUT.write(LOGIN);
            KeyStore keys = KeyStore.getInstance("PKCS11", provider);
            logIn(keys, pin);
            if (act == Act.WRAP && !keys.containsAlias(label)) {
                make(provider, keys, label);
            }
            if (!(keys.getKey(label, null) instanceof SecretKey key) || !"AES".equals(key.getAlgorithm())) {
                throw new Failure(Outcome.NO_KEY);
            }
            return act == Act.WRAP ? wrap(provider, key, aad, input) : unwrap(provider, key, aad, input);
        } finally {
            Arrays.fill(pin, '\0');
            SecureBytes.wipe(question, input);
            logOut(provider);
        }
    }

    /** Devices have their own codes for a wrong PIN, so any unknown failure counts as one. */
    private static void logIn(KeyStore keys, char[] pin) throws Failure, IOException, GeneralSecurityException {
        try {
            keys.load(null, pin);
        } catch (IOException | GeneralSecurityException | ProviderException e) {
            if (outcomeOf(e, returnValue(e)) == Outcome.FAILED) {
                throw new Failure(Outcome.NOT_LET_IN);
            }
            throw e;
        }
    }

    private static void logOut(AuthProvider provider) {
        try {
            provider.logout();
        } catch (LoginException e) {
            // This process ends, and every session with it; only the act's result counts.
        }
    }

    /**
     * Returns the provider of the only token with that label. The provider shows labels only by {@code showInfo}, on
     * standard output. Nothing else writes there in this process.
     */
    private static AuthProvider find(String library, String token) throws Failure {
        Provider java = Security.getProvider("SunPKCS11");
        if (java == null) {
            throw new Failure(Outcome.NO_LIBRARY);
        }
        Provider found = null;
        for (int slot = 0; slot < MAX_SLOTS; slot++) {
            ByteArrayOutputStream info = new ByteArrayOutputStream();
            System.setOut(new PrintStream(info, true, UTF_8));
            Provider here;
            try {
                here = java.configure(configuration(library, slot));
            } catch (ProviderException | InvalidParameterException e) {
                if (!returnValue(e).isEmpty()) {
                    // No token in that slot, or one that is not ready.
                    continue;
                }
                if (slot == 0) {
                    throw new Failure(Outcome.NO_LIBRARY);
                }
                break;
            }
            Matcher label = TOKEN_LABEL.matcher(info.toString(UTF_8));
            if (label.find() && label.group(1).strip().equals(token)) {
                if (found != null) {
                    throw new Failure(Outcome.SEVERAL_TOKENS);
                }
                found = here;
            }
        }
        if (found == null) {
            throw new Failure(Outcome.NO_TOKEN);
        }
        return (AuthProvider) found;
    }

    private static String configuration(String library, int slot) {
        return "--name = vault-" + slot + "\nlibrary = " + library + "\nslotListIndex = " + slot + "\nshowInfo = true\n"
                + KEY_ATTRIBUTES;
    }

    private static void make(Provider provider, KeyStore keys, String label) throws GeneralSecurityException {
        KeyGenerator generator = KeyGenerator.getInstance("AES", provider);
        generator.init(256);
        keys.setKeyEntry(label, generator.generateKey(), null, null);
    }

    private static byte[] wrap(Provider provider, SecretKey key, byte[] aad, byte[] input)
            throws Failure, GeneralSecurityException {
        // A key that is sensitive but extractable returns no bytes either, but could be exported, wrapped by another
        // key.
        if (key.getEncoded() != null || !key.toString().contains("unextractable")) {
            throw new Failure(Outcome.KEY_CAN_LEAVE);
        }
        byte[] iv = SecureBytes.random(IV_BYTES);
        byte[] encrypted = crypt(provider, Cipher.ENCRYPT_MODE, key, iv, aad, input);
        return CanonicalBytes.plain().raw(iv).raw(encrypted).bytes();
    }

    private static byte[] unwrap(Provider provider, SecretKey key, byte[] aad, byte[] input)
            throws GeneralSecurityException {
        byte[] iv = Arrays.copyOf(input, IV_BYTES);
        byte[] encrypted = Arrays.copyOfRange(input, IV_BYTES, input.length);
        return crypt(provider, Cipher.DECRYPT_MODE, key, iv, aad, encrypted);
    }

    private static byte[] crypt(Provider provider, int mode, Key key, byte[] iv, byte[] aad, byte[] input)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", provider);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, iv));
        cipher.updateAAD(aad);
        return cipher.doFinal(input);
    }

    /** Returns the CKR_ constant of PKCS#11 behind a failure, or an empty text. */
    private static String returnValue(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            Matcher value = RETURN_VALUE.matcher(String.valueOf(t.getMessage()));
            if (value.find()) {
                return value.group();
            }
        }
        return "";
    }

    private static Outcome outcomeOf(Exception thrown, String returned) {
        return switch (returned) {
            case "CKR_PIN_INCORRECT", "CKR_PIN_INVALID", "CKR_PIN_LEN_RANGE" -> Outcome.PIN_WRONG;
            case "CKR_PIN_LOCKED", "CKR_PIN_EXPIRED" -> Outcome.PIN_LOCKED;
            case "CKR_TOKEN_NOT_PRESENT", "CKR_DEVICE_REMOVED" -> Outcome.NO_TOKEN;
            default -> {
                if (thrown instanceof AEADBadTagException) {
                    // SoftHSM returns CKR_GENERAL_ERROR for a wrong tag.
                    yield Outcome.NOT_AUTHENTIC;
                }
                boolean twice = String.valueOf(thrown.getMessage()).contains("sharing CKA_LABEL")
                        || String.valueOf(thrown.getCause()).contains("sharing CKA_LABEL");
                yield twice ? Outcome.SEVERAL_KEYS : Outcome.FAILED;
            }
        };
    }
}
