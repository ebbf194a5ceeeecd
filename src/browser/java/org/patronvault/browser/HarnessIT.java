package org.patronvault.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Page;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is to make tests fail makes them fail. */
class HarnessIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private Window window;
    private Page page;

    @BeforeEach
    void open() {
        window = VAULT.window();
        page = window.page();
        window.go("/policy");
    }

    @Test
    void violationOfTheContentSecurityPolicyIsAFault() {
        page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'let a = 1;'}))");
        assertThat(window.takeFaults()).anyMatch(fault -> fault.contains("CSP: script-src"));
        page.evaluate("document.body.append(Object.assign(document.createElement('style'), {textContent: 'a {}'}))");
        assertThat(window.takeFaults()).anyMatch(fault -> fault.contains("CSP: style-src"));
        page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://example.org/x.png', alt: ''}))");
        assertThat(window.takeFaults()).anyMatch(fault -> fault.contains("CSP: img-src"));
    }

    @Test
    void errorsOfScriptsAreFaults() {
        page.evaluate("console.error('one')");
        page.evaluate("setTimeout(() => { throw new Error('two'); })");
        assertThat(window.takeFaults())
                .anyMatch(fault -> fault.contains("one"))
                .anyMatch(fault -> fault.contains("two"));
    }

    @Test
    void requestThatLeavesTheVaultIsAFault() {
        page.setContent("<img src='http://127.0.0.1:1/x.png' alt=''>");
        assertThat(window.takeFaults()).anyMatch(fault -> fault.contains("leaves the vault"));
    }

    @Test
    void partOfAPageThatIsNotThereIsAFaultAndAPageThatIsNotThereIsNone() {
        window.go("/nowhere");
        assertThat(window.faults()).isEmpty();
        window.go("/policy");
        page.evaluate("""
                () => new Promise((done) => {
                  const image = Object.assign(new Image(), { src: "/static/none.png", onerror: () => done(0) });
                  document.body.append(image);
                })
                """);
        assertThat(window.takeFaults()).anyMatch(fault -> fault.contains("answer 404"));
    }

    @Test
    void whatAxeFindsIsNamedWithItsCure() {
        page.evaluate("document.querySelector('main').append(new Image())");
        assertThatThrownBy(() -> Axe.check(page))
                .hasMessageContaining("image-alt")
                .hasMessageContaining("img");
    }

    @Test
    void pageThatMustBeScrolledSidewaysIsFound() {
        page.evaluate("document.querySelector('main').style.width = '500px'");
        assertThatThrownBy(() -> Screens.take(page, "harness-wide")).hasMessageContaining("320 px");
    }
}
