/**
 * Who may look, at what, for what, and how much (P2).
 *
 * <p>Name, password and second factor prove who someone is ({@link org.patronvault.access.SignIn}, {@link
 * org.patronvault.access.SecondFactor}). A token or key becomes a {@link org.patronvault.access.Caller} ({@link org.patronvault.access.Sessions},
 * {@link org.patronvault.access.Clients}). One function, {@link org.patronvault.access.Policy#ask}, decides; it is asked
 * twice: before anything is looked up, with what the caller wants, and again for each row found, with what the row is.
 * {@link org.patronvault.access.Policy#masked} says of what passes which fields are shown in part only.
 * What passes still counts against {@link org.patronvault.access.Limits}, which are reservations in the unit of work:
 * durable, and exact across sessions and processes. Accounts, sessions, clients and counters are rows that carry
 * authority: {@link org.patronvault.access.Authority} puts a MAC on each and refuses one without.
 */
package org.patronvault.access;
