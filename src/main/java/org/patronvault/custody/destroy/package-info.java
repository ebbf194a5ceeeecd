/**
 * Destruction of key versions, and the conditions it needs.
 *
 * <p>{@code KeyStatus} counts the values that each key version still encrypts. A custodian asks for a
 * {@code KeyVersionToDestroy}. {@code DestroyPreconditions} checks that no value, backup or key copy needs the
 * version. A second custodian agrees, a waiting time passes, and {@code KeyDestruction} checks again and destroys the
 * version.
 */
package org.patronvault.custody.destroy;
