/**
 * Accounts of staff and how people prove who they are.
 *
 * <p>{@code SignIn} checks a name, a password and a second factor. It counts each wrong attempt in {@code Lockouts},
 * by account and network. {@code Passwords} and {@code SecondFactor} compare what was typed with what
 * {@code StaffAccount} stores. {@code Accounts} creates, changes and closes accounts. {@code StaffActs} are the acts
 * that change what an account may do. Those that give it more power need a second person.
 */
package org.patronvault.access.account;
