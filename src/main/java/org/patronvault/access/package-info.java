/**
 * Access control: who may see or do what, for which purpose, and how much (P2).
 *
 * <p>Name, password and second factor prove who a person is ({@link org.patronvault.access.account.SignIn},
 * {@link org.patronvault.access.account.SecondFactor}). A token or key becomes a
 * {@link org.patronvault.core.policy.Caller} ({@link org.patronvault.access.session.Sessions},
 * {@link org.patronvault.access.client.Clients}). One function, {@link org.patronvault.core.policy.FieldPolicy#grant},
 * decides: once before any search, and its {@link org.patronvault.core.policy.Grant} again with each row found. The
 * grant names the fields that are shown, in whole or in part. Allowed requests count against
 * {@link org.patronvault.access.limit.Limits}, which are reservations in the act: durable, and
 * exact across sessions and processes. Accounts, sessions, clients and counters are rows that carry authority:
 * {@link org.patronvault.core.dual.Authority} puts a MAC on each and refuses one without.
 */
package org.patronvault.access;
