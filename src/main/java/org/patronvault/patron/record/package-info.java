/**
 * One patron as stored and as opened: the values, their sealing and their JSON.
 *
 * <p>{@code PatronVault} is the only class that opens a personal field, and it requires a receipt. {@code ValueCodec}
 * turns a value into bytes. {@code PatronWriter} seals a {@code PatronDraft} before the transaction and writes its
 * rows inside it. {@code PatronContext} holds what every use case of {@code patron} needs. {@code PatronJson} reads
 * and writes the patron object of the API.
 */
package org.patronvault.patron.record;
