package org.patronvault.tlog;

import java.util.OptionalLong;

/**
 * A signature that was verified under a known key.
 *
 * @param key whose
 * @param seconds when, since 1970, for cosignatures; empty for other signatures, which carry no time
 */
public record VerifiedSignature(VerifierKey key, OptionalLong seconds) {}
