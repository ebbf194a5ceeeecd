/**
 * The terms that all other packages share: the patron ({@link org.patronvault.core.model.PatronId}), the field
 * ({@link org.patronvault.core.model.PatronField}), the actor ({@link org.patronvault.core.model.Actor}) and the
 * purpose ({@link org.patronvault.core.model.Purpose}).
 *
 * <p>This package only holds values. Those that a patron was promised confidentiality for are wrapped in
 * {@link org.patronvault.core.model.Sensitive} or print {@code [REDACTED]} themselves. So no log line, exception or
 * debugger view shows one by accident.
 *
 * <p>The two ways a call can fail are here too. A {@link org.patronvault.core.model.Refused} is the caller's fault,
 * explained in one sentence. An {@link org.patronvault.core.model.IntegrityException} means that stored bytes did not
 * authenticate; no caller learns the detail.
 */
package org.patronvault.core.model;
