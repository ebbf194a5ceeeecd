package org.patronvault.core.keys.hsm;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The PIN of HSM slots. It is offered once and, if it was refused, not again unchanged. */
public interface HsmPin {

    /**
     * Offers the PIN once and returns the result. The function {@code use} wipes the PIN.
     *
     * @param slots the numbers of all slots on that token, which counts wrong PINs for all of them together
     * @throws Refused with {@code pin-refused} if {@code use} threw that now, or before with this PIN; with
     *     {@code keys-refused} if there is no PIN
     */
    byte[] offer(Set<Integer> slots, Function<char[], byte[]> use);

    /** Returns a PIN that a person gave for this one act: it is valid for all slots, and after a refusal for none. */
    static HsmPin given(byte[] utf8) {
        boolean[] refused = new boolean[1];
        return (slots, use) -> {
            if (refused[0]) {
                throw new Refused(Problem.PIN_REFUSED, "The HSM refused that PIN, which is not offered again.");
            }
            try {
                return use.apply(characters(utf8));
            } catch (Refused e) {
                refused[0] = e.problem() == Problem.PIN_REFUSED;
                throw e;
            }
        };
    }

    /** Decodes a PIN from UTF-8; refuses with {@code invalid} bytes that are malformed or too many. */
    static char[] characters(byte[] utf8) {
        CharBuffer chars = null;
        try {
            chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
            if (utf8.length == 0 || utf8.length >= HsmPinFile.MAX_BYTES) {
                throw new CharacterCodingException();
            }
            return Arrays.copyOf(chars.array(), chars.limit());
        } catch (CharacterCodingException e) {
            throw new Refused(Problem.INVALID, "An HSM's PIN is a line of UTF-8, of at most 255 bytes.");
        } finally {
            if (chars != null) {
                Arrays.fill(chars.array(), '\0');
            }
        }
    }
}
