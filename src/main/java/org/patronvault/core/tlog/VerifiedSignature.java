package org.patronvault.core.tlog;

import java.util.OptionalLong;

/**
 * A signature that was verified under a known key.
 *
 * @param key the key that signed
 * @param seconds the time of a cosignature, since 1970; empty for other signatures, which carry no time
 */
public record VerifiedSignature(VerifierKey key, OptionalLong seconds) {}
