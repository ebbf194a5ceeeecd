package org.patronvault.privacy.mailing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.vault.Consents;
import org.patronvault.testing.OpenVault;

/** Tests that an unsubscribe link (P9) withdraws one consent and nothing else, and reveals nothing. */
final class UnsubscribingTest {
    private OpenVault vault;
    private PatronId ann;

    @BeforeEach
    void register() {
        vault = OpenVault.onSqlite();
        ann = vault.register("'card':'ANN','name':{'family':'Ng'},'email':['ann@example.org']");
        says("newsletter", true);
        says("fundraising", true);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private void says(String purpose, boolean given) {
        vault.say(ann, purpose, given);
    }

    private Consents consents() {
        return vault.patrons()
                .consenting()
                .read(OpenVault.person("circulation"), Optional.of(ann), AuditLog.newRequest())
                .consents();
    }

    private String token(int times, long mailing) {
        return new UnsubscribeLink(ann, "newsletter", times, mailing)
                .seal(vault.vault().custody().keys());
    }

    private void take(String token) {
        vault.vault().privacy().unsubscribing().take(token);
    }

    @Test
    void linkTakesThatYesBackAndNoOther() {
        String token = token(1, 7);
        long before = vault.logSize();
        take(token);
        assertThat(consents().isGiven("newsletter")).isFalse();
        assertThat(consents().isGiven("fundraising")).isTrue();
        assertThat(consents().isGiven(Consent.SERVICE)).isTrue();
        Consent no = consents().last("newsletter").orElseThrow();
        assertThat(List.of(no.channel(), no.by(), no.policy()))
                .containsExactly("unsubscribe-link", "the patron", "2018-05");
        AccessEvent entry = vault.logSince(before).get(0);
        assertThat(entry.act()).isEqualTo(ActKind.UNSUBSCRIBE);
        assertThat(entry.actor()).isEqualTo(Actor.NOBODY);
        assertThat(entry.outcome()).isEqualTo(Outcome.WRITTEN);
        assertThat(entry.purpose()).as("nothing was opened").isEmpty();
        assertThat(entry.about()).as("for keys/ to remember").contains("newsletter-withdrawn");
        assertThat(entry.subjects()).singleElement().satisfies(subject -> {
            assertThat(subject.patron()).isEqualTo(ann);
            assertThat(subject.fields()).isEqualTo(Set.of(PatronField.META));
        });
        vault.restart();
        assertThat(consents().isGiven("newsletter")).isFalse();
    }

    @Test
    void linkIsGoodOnceAndDeadAfterANewerYes() {
        String token = token(1, 7);
        take(token);
        int said = consents().history().size();
        take(token);
        assertThat(consents().history()).hasSize(said);
        says("newsletter", true);
        take(token);
        assertThat(consents().isGiven("newsletter")).isTrue();
        take(token(3, 8));
        assertThat(consents().isGiven("newsletter")).isFalse();
    }

    @Test
    void sameLinkFollowedByManyAtOnceTakesItBackOnce() throws Exception {
        String token = token(1, 7);
        ExecutorService people = Executors.newFixedThreadPool(4);
        List<Callable<Boolean>> all = Collections.nCopies(4, () -> {
            take(token);
            return true;
        });
        for (Future<Boolean> one : people.invokeAll(all)) {
            assertThat(one.get()).isTrue();
        }
        people.shutdown();
        assertThat(consents().isGiven("newsletter")).isFalse();
        assertThat(consents().times("newsletter")).isEqualTo(2);
    }

    @Test
    void linkStaysGoodWhateverElseIsWritten() {
        String token = token(1, 7);
        vault.patch(ann, 3, "{'email':['new@example.org']}");
        says("service", false);
        vault.rotate("search");
        take(token);
        assertThat(consents().isGiven("newsletter")).isFalse();
    }

    @Test
    void manyChangesOfMindLeaveNoOldLinkGood() {
        String token = token(1, 7);
        for (int i = 0; i < 40; i++) {
            says("newsletter", false);
            says("newsletter", true);
        }
        take(token);
        assertThat(consents().isGiven("newsletter")).isTrue();
        take(token(81, 7));
        assertThat(consents().isGiven("newsletter")).isFalse();
    }

    @Test
    void whatIsNoLinkOfTheVaultsDoesNothing() {
        String token = token(1, 7);
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        for (int at = 0; at < bytes.length; at++) {
            for (int bit = 1; bit < 256; bit <<= 1) {
                byte[] other = bytes.clone();
                other[at] ^= (byte) bit;
                take(Base64.getUrlEncoder().withoutPadding().encodeToString(other));
            }
        }
        for (String other : List.of(
                "",
                "x",
                token.substring(1),
                token.substring(0, 47),
                token + "A",
                token + token,
                token.replace('A', '+'),
                " " + token.substring(1),
                "é".repeat(48),
                token.toLowerCase(java.util.Locale.ROOT),
                "=".repeat(48))) {
            if (!other.equals(token)) {
                take(other);
            }
        }
        assertThat(consents().isGiven("newsletter")).isTrue();
        take(token);
        assertThat(consents().isGiven("newsletter")).isFalse();
    }

    @Test
    void linksLookRandomAndThoseOfTwoMailingsHaveNothingInCommon() {
        Set<String> stretches = new HashSet<>();
        int count = 0;
        for (long mailing = 1; mailing <= 50; mailing++) {
            // The first byte is the form.
            String token = token(1, mailing);
            for (int at = 2; at + 6 <= token.length(); at++) {
                stretches.add(token.substring(at, at + 6));
                count++;
            }
            assertThat(token).matches("[A-Za-z0-9_-]{48}");
        }
        assertThat(stretches).hasSize(count);
        assertThat(token(1, 7)).as("fetched again, the same").isEqualTo(token(1, 7));
    }

    @Test
    void linkOfWhoWasErasedDoesNothingAndIsCountedWithTheOthersInVain() {
        String token = token(1, 7);
        var unused = vault.erase(ann);
        long before = vault.logSize();
        take(token);
        take("junk");
        assertThat(vault.logSize()).isEqualTo(before);
        vault.vault().privacy().logCounts();
        vault.vault().privacy().logCounts();
        assertThat(vault.logSince(before)).singleElement().satisfies(one -> {
            assertThat(one.act()).isEqualTo(ActKind.UNSUBSCRIBE);
            assertThat(one.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(one.count()).hasValue(2);
            assertThat(one.subjects()).isEmpty();
        });
    }

    @Test
    void sealedVaultTakesNothing() {
        String token = token(1, 7);
        vault.vault().custody().seal();
        assertThatThrownBy(() -> take(token)).isInstanceOf(Refused.class);
        vault.unseal();
        assertThat(consents().isGiven("newsletter")).isTrue();
    }
}
