/** The upkeep of a vault. {@link org.patronvault.upkeep.doctor.Doctor} checks a home and says what to do. */
package org.patronvault.upkeep;
