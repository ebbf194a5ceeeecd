/**
 * Pages in a real browser, Debian's Chromium, by Playwright; compiled and run by the Maven profile {@code browser}
 * alone.
 *
 * <p>A test class is called {@code …IT}, and has a vault of its own with a person for each role:
 * {@code @RegisterExtension static final BrowserVault VAULT = new BrowserVault();}. A test opens as many windows as
 * there are people: {@code VAULT.desk("clerk")}, {@code VAULT.signedIn("custodian-1")}, or {@code VAULT.window()} for
 * somebody who is not signed in. It acts by {@link org.patronvault.browser.Desk},
 * {@link org.patronvault.browser.Scanner}, {@link org.patronvault.browser.Keys} or Playwright's locators, and waits for
 * what comes of it by Playwright's {@code assertThat(locator)}, never by sleeping and never for a navigation, so that
 * it holds however the page does it. In each state that a person can meet, {@code window.inspect("page-state")} runs
 * axe-core and keeps three screenshots in {@code target/screens}, which somebody looks at. Nothing has to be closed,
 * and nothing else has to be asserted: violations of the content security policy, errors of scripts, requests that
 * leave the vault and answers 5xx fail the test anyway; who means to get a 503 says {@code allowing(503)} before.
 * {@code page.waitForFunction} is of no use here: the content security policy refuses it.
 *
 * <p>One class, without the rest of the build: {@code mvn -o -q -Pbrowser test -Dtest=DeskPageIT}. All of them as CI
 * runs them, and nothing else: {@code mvn -Pbrowser verify -DskipTests -DskipITs}.
 */
package org.patronvault.browser;
