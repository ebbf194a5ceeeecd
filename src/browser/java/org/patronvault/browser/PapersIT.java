package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.Media;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.core.model.PatronId;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.web.page.print.CertificatePage;

/** What is handed to a patron who was erased. */
class PapersIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static PatronId erased;
    private static ErasureCertificate certificate;

    @BeforeAll
    static void erase() {
        erased = VAULT.vault().register("'card':'GONE1','name':{'family':'Gone'}");
        certificate = VAULT.vault().erase(erased);
    }

    @Test
    void certificateOfErasureIsReadAndPrinted() {
        Window window = VAULT.window().asClientOf("supervisor");
        Page page = window.page();
        assertThat(window.go("/v1/erasures/" + erased + "/certificate")).isEqualTo(200);
        assertThat(page.locator("h1")).hasText("Certificate of erasure");
        window.inspect("certificate");
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Path.of("target/screens/certificate-print.png"))
                .setFullPage(true));
    }

    @Test
    void certificateAloneNeedsNothingFromANetwork() {
        Window window = VAULT.window();
        window.page().setContent(CertificatePage.alone(certificate).html());
        assertThat(window.page().locator("h1")).hasText("Certificate of erasure");
        window.inspect("certificate-alone");
    }
}
