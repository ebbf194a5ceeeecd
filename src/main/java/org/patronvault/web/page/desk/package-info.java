/**
 * The desk: search, patron page, changes and registration.
 *
 * <p>{@code DeskPages} is one page that every act returns to. A posted form becomes one call in {@code DeskActs} or
 * {@code DeskChanges}. {@code DeskViews} turns the answer into what the page may show this person.
 */
package org.patronvault.web.page.desk;
