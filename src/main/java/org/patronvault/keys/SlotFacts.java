package org.patronvault.keys;

import java.time.Instant;

/**
 * What anyone may know of a slot.
 *
 * @param threshold how many shares open it; 0 where there are no shares
 * @param count how many shares there are
 */
public record SlotFacts(int id, String kind, Instant created, int threshold, int count) {}
