/**
 * Sessions of people who signed in.
 *
 * <p>{@code SessionPace} limits how many sessions one person starts. {@code Sessions} creates a {@code SessionToken},
 * shows it once, and stores only a PRF of it in a {@code SessionRow}. Each request brings its token, and
 * {@code Sessions} returns the caller or refuses. {@code SessionUse} records the last use, so that an idle session
 * ends.
 */
package org.patronvault.access.session;
