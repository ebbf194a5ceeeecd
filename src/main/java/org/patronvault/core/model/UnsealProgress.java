package org.patronvault.core.model;

/**
 * The progress of unsealing a vault.
 *
 * @param have how many shares of one set were entered, for the set with the most; 0 once the vault is unsealed
 * @param need how many shares unseal it; 0 if no slot unseals by shares, or it is unsealed
 */
public record UnsealProgress(boolean sealed, int have, int need) {}
