/**
 * Hardware modules and key services that hold a key of a slot.
 *
 * <p>A slot gives the wrapped slot key to {@code Pkcs11Token} or {@code AwsKms}. {@code Pkcs11Token} starts the
 * process {@code Pkcs11Child}, which loads the vendor's library, so a crash of that library cannot stop the vault.
 * {@code HsmPinFile} offers a PIN once and never repeats a refused PIN.
 */
package org.patronvault.core.keys.hsm;
