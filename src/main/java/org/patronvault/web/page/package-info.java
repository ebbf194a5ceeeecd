/**
 * The parts that all pages share: sessions, forms, texts and templates.
 *
 * <p>A route finds the signed-in person with {@code PageSession}, reads a {@code Form}, and calls a use case.
 * {@code PageRenderer} fills a precompiled template with the result and {@code Texts}. {@code Navigation} lists the
 * pages that the policy lets this person enter.
 */
package org.patronvault.web.page;
