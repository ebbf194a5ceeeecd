/**
 * Access control: who may see or do what, for which purpose, and how much (P2).
 *
 * <p>Name, password and second factor prove who a person is ({@link org.patronvault.access.account.SignIn},
 * {@link org.patronvault.access.account.SecondFactor}). A token or key becomes a
 * {@link org.patronvault.core.policy.Caller} ({@link org.patronvault.access.session.Sessions},
 * {@link org.patronvault.access.client.Clients}). One function, {@link org.patronvault.core.policy.FieldPolicy#grant},
 * decides. It is asked twice: with the request before any search, and again with each row found.
 * {@link org.patronvault.core.policy.Policy#masked} returns the fields that are shown in part only. Allowed requests
 * count against {@link org.patronvault.access.limit.Limits}, which are reservations in the unit of work: durable, and
 * exact across sessions and processes. Accounts, sessions, clients and counters are rows that carry authority:
 * {@link org.patronvault.core.dual.Authority} puts a MAC on each and refuses one without.
 */
package org.patronvault.access;
