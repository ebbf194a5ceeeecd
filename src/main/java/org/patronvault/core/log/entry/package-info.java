/**
 * The content and the stored bytes of one log entry.
 *
 * <p>A use case fills an {@code AccessEvent} with an {@code ActKind}, an {@code Outcome} and one {@code Subject} for each
 * patron. {@code Leaf} writes the event as bytes and seals its {@code SubjectRecords} under the key of its month.
 * Readers reverse this step. {@code LeafInClear} shows the part that needs no key.
 */
package org.patronvault.core.log.entry;
