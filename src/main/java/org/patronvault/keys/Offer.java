package org.patronvault.keys;

import org.patronvault.model.Unsealing;

/** What became of a share that was offered: whether it opened the ring, and how far that is. */
public record Offer(boolean opened, Unsealing after) {}
