/**
 * Shares of a slot key as people write them down.
 *
 * <p>{@code Share} encodes a share as thirty words from {@code ShareWords} with a check sum. It also reads what a
 * person typed, and points at the wrong word. {@code ShareResult} says whether enough shares are there.
 */
package org.patronvault.core.keys.share;
