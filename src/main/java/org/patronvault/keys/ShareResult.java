package org.patronvault.keys;

import org.patronvault.model.UnsealProgress;

/** What became of a share that was offered: whether it opened the ring, and how far that is. */
public record ShareResult(boolean opened, UnsealProgress after) {}
