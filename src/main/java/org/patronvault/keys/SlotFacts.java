package org.patronvault.keys;

import java.time.Instant;

/** What anyone may know of a slot. */
public record SlotFacts(int id, String kind, Instant created) {}
