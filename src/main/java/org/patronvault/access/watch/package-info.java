/**
 * The approved policy: how it takes effect, and how it is shown as a table.
 *
 * <p>{@code PolicyWatch} notices a changed {@code policy.yaml}. If the new file allows more than before, it waits for
 * a second person. Until then the approved policy stays in force. {@code PolicyTable} and {@code PolicyDescription}
 * show people which role may open which field, and which line of the file says so.
 */
package org.patronvault.access.watch;
