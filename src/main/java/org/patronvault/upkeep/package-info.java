/** Keeping a vault well: {@link org.patronvault.upkeep.Doctor} looks a home over and says what to do. */
package org.patronvault.upkeep;
