package org.patronvault.patron.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.vault.PersonalData;

/** Tests of the values that a mask leaves. */
final class MaskingTest {
    private static final PersonalData WHOLE = new PersonalData(
            Optional.of(List.of("21234000000018", "OLD1")),
            Optional.of(new Name("O'Sullivan-Ng", "Katherine", "", "Jr", "Kat")),
            Optional.of(new Address("1437 South Elm St", "Apt 4B", "New Canaan", "CT", "06840", "US")),
            Optional.of(List.of("+12035550143", "+12035550144;ext=17")),
            Optional.of(List.of("kat@example.org")));

    @Test
    void maskedFieldsKeepTheirFourDigitsDomainLocalityAndInitials() {
        assertThat(Masking.of(WHOLE, PatronField.personal()))
                .isEqualTo(new PersonalData(
                        Optional.of(List.of("…0018", "…")),
                        Optional.of(new Name("O.", "K.", "", "", "K.")),
                        Optional.of(new Address("", "", "New Canaan", "CT", "06840", "")),
                        Optional.of(List.of("…0143", "…0144")),
                        Optional.of(List.of("…@example.org"))));
    }

    @Test
    void fieldsThatAreNotMaskedStayWhole() {
        for (PatronField field : PatronField.personal()) {
            PersonalData masked = Masking.of(WHOLE, Set.of(field));
            assertThat(masked.cards().equals(WHOLE.cards())).isEqualTo(field != PatronField.CARD);
            assertThat(masked.name().equals(WHOLE.name())).isEqualTo(field != PatronField.NAME);
            assertThat(masked.address().equals(WHOLE.address())).isEqualTo(field != PatronField.ADDRESS);
            assertThat(masked.phone().equals(WHOLE.phone())).isEqualTo(field != PatronField.PHONE);
            assertThat(masked.email().equals(WHOLE.email())).isEqualTo(field != PatronField.EMAIL);
        }
    }

    @Test
    void whatWasNotOpenedStaysAbsent() {
        PersonalData nothing = new PersonalData(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(Masking.of(nothing, PatronField.personal())).isEqualTo(nothing);
    }

    @ParameterizedTest
    @CsvSource({"1, …", "1234, …", "1234567, …", "12345678, …5678"})
    void shortNumberIsHiddenWhole(String card, String left) {
        PersonalData data = new PersonalData(
                Optional.of(List.of(card)), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(Masking.of(data, Set.of(PatronField.CARD)).card()).contains(left);
    }

    @Test
    void initialOfALetterOutsideTheBasicPlaneIsWhole() {
        PersonalData data = new PersonalData(
                Optional.empty(),
                Optional.of(new Name("\uD835\uDD38bc", "", "", "", "")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        assertThat(Masking.of(data, Set.of(PatronField.NAME)).name())
                .contains(new Name("\uD835\uDD38.", "", "", "", ""));
    }
}
