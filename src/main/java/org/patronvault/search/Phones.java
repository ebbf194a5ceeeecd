package org.patronvault.search;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.PhoneNumberUtil.ValidationResult;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The canonical form of phone numbers, in any punctuation: E.164 if the number can be one, otherwise its digits. Both
 * methods are idempotent, so a stored number that is read again is the same number with the same term. Safe for use by
 * several threads.
 */
public final class Phones {
    /** The most digits kept of a text that is not a complete phone number. */
    public static final int MAX_DIGITS = 30;

    private static final int MAX_READINGS = 10;

    /** The spelling of an extension behind the number (RFC 3966 section 5.3). */
    private static final String EXTENSION = ";ext=";

    private final PhoneNumberUtil numbers = PhoneNumberUtil.getInstance();
    private final String defaultRegion;
    private final List<String> areaCodes;

    /** Creates the form for a library that has not named the area codes of its patrons. */
    public Phones(String defaultRegion) {
        this(defaultRegion, List.of());
    }

    /**
     * Reads numbers without a country code as people of {@code defaultRegion} dial them.
     *
     * @param defaultRegion ISO 3166-1 two-letter code, for example {@code US}
     * @param areaCodes in which a number without one is searched, the most common first
     * @throws Refused {@code invalid} if no numbering plan of such a region is known
     */
    public Phones(String defaultRegion, List<String> areaCodes) {
        this.areaCodes = List.copyOf(areaCodes);
        this.defaultRegion = defaultRegion.strip().toUpperCase(Locale.ROOT);
        if (!numbers.getSupportedRegions().contains(this.defaultRegion)) {
            throw new Refused(
                    Problem.INVALID, "The region of telephone numbers must be a two-letter country code, such as US.");
        }
    }

    /**
     * Returns the number as it is stored and shown: {@code +15774011737}, with its extension
     * {@code +15774011737;ext=5071}. A number that is incomplete in its country's plan, such as one without area code,
     * is returned as its digits.
     *
     * @throws Refused {@code invalid} if {@code written} has no digit, or more than {@link #MAX_DIGITS} and is no phone
     *     number
     */
    public String canonical(String written) {
        String canonical = read(written);
        // One reading drops one trunk prefix, but people write two ("+49 00…"). The digits of a text that is no number
        // may be a number ("+0 203…"). So read until nothing changes.
        for (int reading = 1; reading < MAX_READINGS; reading++) {
            String again = read(canonical);
            if (again.equals(canonical)) {
                break;
            }
            canonical = again;
        }
        return canonical;
    }

    /**
     * Returns the term by which a number is searched, in any punctuation.
     *
     * @throws Refused as {@link #canonical}
     */
    public String term(String written) {
        return termOf(canonical(written));
    }

    /**
     * Returns the term under which a number is indexed: its canonical form without the extension, since callers do not
     * give one.
     *
     * @param canonical a result of {@link #canonical}
     */
    public static String termOf(String canonical) {
        int extension = canonical.indexOf(EXTENSION);
        return extension < 0 ? canonical : canonical.substring(0, extension);
    }

    /**
     * Returns all terms under which a typed number may be indexed: its {@link #term} and, without an area code ("the
     * last seven"), the number in each of the library's areas.
     *
     * @throws Refused as {@link #canonical}
     */
    public List<String> terms(String written) {
        Stream<String> local = parsed(written).filter(this::isLocal).stream()
                .map(numbers::getNationalSignificantNumber)
                .flatMap(digits -> areaCodes.stream().map(area -> term(area + digits)));
        return Stream.concat(Stream.of(term(written)), local).distinct().toList();
    }

    private String read(String written) {
        Optional<PhoneNumber> number = parse(written);
        if (number.isPresent()) {
            return format(number.get());
        }
        String digits = digitsOf(written);
        if (digits.isEmpty() || digits.length() > MAX_DIGITS) {
            throw new Refused(Problem.INVALID, "A telephone number has 1 to 30 digits.");
        }
        return digits;
    }

    /**
     * Returns the number in {@code written}, if it is complete or is a local number with an extension to keep apart.
     */
    private Optional<PhoneNumber> parse(String written) {
        return parsed(written)
                .filter(number -> isComplete(number) || (number.hasExtension() && isLocal(number)))
                // "1-145-639-8408": the plan has no area code 145, and without the + the 1 would count twice.
                .or(() -> parsed("+" + written).filter(number -> isComplete(number) && isDomestic(number)));
    }

    private Optional<PhoneNumber> parsed(String written) {
        try {
            return Optional.of(numbers.parse(written, defaultRegion));
        } catch (NumberParseException e) {
            return Optional.empty();
        }
    }

    private String format(PhoneNumber number) {
        String base = isComplete(number)
                ? numbers.format(number, PhoneNumberFormat.E164)
                : numbers.getNationalSignificantNumber(number);
        return number.hasExtension() ? base + EXTENSION + number.getExtension() : base;
    }

    private boolean isComplete(PhoneNumber number) {
        return numbers.isPossibleNumberWithReason(number) == ValidationResult.IS_POSSIBLE;
    }

    /**
     * Whether a number is local. In the US it has seven digits: E.164 without the area code would be another
     * subscriber.
     */
    private boolean isLocal(PhoneNumber number) {
        return numbers.isPossibleNumberWithReason(number) == ValidationResult.IS_POSSIBLE_LOCAL_ONLY
                && isDomestic(number);
    }

    private boolean isDomestic(PhoneNumber number) {
        return number.getCountryCode() == numbers.getCountryCodeForRegion(defaultRegion);
    }

    private static String digitsOf(String written) {
        StringBuilder digits = new StringBuilder();
        written.codePoints()
                .map(c -> Character.digit(c, 10))
                .filter(d -> d >= 0)
                .forEach(digits::append);
        return digits.toString();
    }
}
