/**
 * Pages that need no sign-in: the posted policy, the API description, transparency and unsubscribing.
 *
 * <p>Each page reads public data and renders it. {@code PolicyDifference} compares two versions of the policy.
 * {@code DocsReader} reads {@code openapi.yaml} once for {@code DocsPage}. {@code UnsubscribePage} changes something
 * only when the person posts its form.
 */
package org.patronvault.web.page.open;
