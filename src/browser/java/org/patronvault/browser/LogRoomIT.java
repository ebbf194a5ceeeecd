package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;

/** The room of the log, as a privacy officer without a pointer uses it. */
class LogRoomIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static final Pattern WHOLE = Pattern.compile("The log is whole: .* Verified for officer, .*");

    /** Thirty days with more and less to do, and what was told meanwhile. */
    @BeforeAll
    static void workForThirtyDays() {
        VAULT.vault().clock().advance(Duration.ofDays(-29));
        for (int day = 0; day < 30; day++) {
            int busy = (day * 7) % 11 + (day % 7 == 0 ? 0 : 6);
            for (int look = 0; look < busy; look++) {
                String role = look % 5 == 4 ? "supervisor" : look % 7 == 6 ? "director" : "circulation";
                boolean refused = look % 6 == 5;
                AccessEvent event = event(role, "account-service", refused ? Outcome.REFUSED : Outcome.DISCLOSED);
                append(Unit.of(refused ? event.refusedFor(Problem.REVEAL_LIMIT) : event));
            }
            if (day + 1 < 30) {
                VAULT.vault().clock().advance(Duration.ofDays(1));
            }
        }
        append(Unit.of(event("circulation", "hold-notice", Outcome.DISCLOSED)).alerting(Set.of(Alert.LIMIT_HALF)));
        append(Unit.of(event("director", "patron-request", Outcome.DISCLOSED)).alerting(Set.of(Alert.UNUSUAL_PURPOSE)));
        append(Unit.of(event("circulation", "checkout", Outcome.DISCLOSED)).alerting(Set.of(Alert.DECOY_OPENED)));
        VAULT.vault().vault().log().checkpoint();
    }

    private static AccessEvent event(String role, String purpose, Outcome outcome) {
        Actor actor = new Actor(Actor.Kind.STAFF, "some-" + role, role, "NC");
        return VAULT.vault()
                .vault()
                .log()
                .event(actor, Act.REVEAL, outcome, AuditLog.newRequest())
                .forPurpose(new Purpose(purpose))
                .on(List.of(Subject.opened(VAULT.katherine(), Set.of(PatronField.PHONE))));
    }

    private static void append(Unit unit) {
        VAULT.vault().vault().log().appendAndWait(unit);
    }

    private static Window log(String user) {
        Window window = VAULT.signedIn(user);
        window.go("/log");
        return window;
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    @Test
    void officerVerifiesTheLogByKeysAndHearsWhatCameOut() {
        Window window = log("officer");
        Page page = window.page();
        Keys.press(page, button(page, "Verify the log"));
        assertThat(page.locator("#verification")).hasText(WHOLE);
        assertThat(window.status()).hasText(WHOLE);
        assertThat(button(page, "Verify the log")).isFocused();
        Axe.check(page);
        Screens.take(page, "log-verified");
    }

    @Test
    void officerMarksAnAlertByKeysAndTheDirectorSeesIt() {
        Window window = log("officer");
        Page page = window.page();
        assertThat(page.locator("#alerts")).containsText("A patron who does not exist was shown");
        Axe.check(page);
        Screens.take(page, "log-room");
        Locator first = page.getByRole(AriaRole.CHECKBOX).first();
        Keys.tabTo(page, first);
        page.keyboard().press("Space");
        Keys.press(page, button(page, "Mark as looked at"));
        assertThat(window.status()).hasText("One alert is marked as looked at.");
        Page other = log("director").page();
        Keys.press(other, other.getByText("The newest that were looked into"));
        assertThat(other.locator("#alerts details")).containsText("looked at by officer (privacy-officer)");
        Keys.press(other, other.getByText("The same as a table"));
        assertThat(other.locator(".counts")).isVisible();
        Axe.check(other);
        Screens.take(other, "log-unfolded");
    }

    @Test
    void whatWasFoundUnfoldsByKeys() {
        Window window = log("officer");
        Page page = window.page();
        Keys.press(page, button(page, "Show"));
        assertThat(window.status()).hasText(Pattern.compile("[0-9]+ visits\\. This look is entry [0-9]+\\."));
        Keys.press(page, page.locator(".visits summary").first());
        assertThat(page.locator(".visits details[open] table")).isVisible();
        Axe.check(page);
        Screens.take(page, "log-visits");
    }
}
