/**
 * What tests of several packages share. A test that needs a database asks {@link org.patronvault.testing.Postgres} for
 * a fresh one; what the machine may lack goes through {@link org.patronvault.testing.Skips}.
 */
package org.patronvault.testing;
