/**
 * The only way to a personal field.
 *
 * <p>A use case brings the receipt of its log entry to {@code PatronVault}, which opens the fields that the entry
 * names and returns them as {@code PersonalData}. No other class opens a field. {@code ValueCodec} turns a value into
 * bytes and back. {@code PatronMeta} holds the facts about a patron that policy and integrity need, and no personal
 * value.
 */
package org.patronvault.core.vault;
