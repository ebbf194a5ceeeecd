package org.patronvault.model;

/**
 * How far a vault is from being unsealed.
 *
 * @param have how many shares are here of the set of which most are; 0 once it is open
 * @param need how many open it; 0 where no slot opens by shares, or it is open
 */
public record UnsealProgress(boolean sealed, int have, int need) {}
