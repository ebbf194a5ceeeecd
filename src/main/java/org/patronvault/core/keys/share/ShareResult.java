package org.patronvault.core.keys.share;

import org.patronvault.core.model.UnsealProgress;

/** The result of offering a share: whether it opened the ring, and the progress. */
public record ShareResult(boolean opened, UnsealProgress after) {}
