package org.patronvault.keys;

/** Which state of the ring: its revision, and the SHA-256 of the sealed ring. Key events of the log carry both. */
public record RingMark(long revision, byte[] digest) {}
