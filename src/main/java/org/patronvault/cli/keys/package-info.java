/**
 * Commands about keys, slots, shares and sealing.
 *
 * <p>A custodian's command checks its options and calls one use case of {@code custody}. {@code ShareCeremony} prints
 * new shares and asks each holder to type them back. {@code RotateCommands} starts a rotation and {@code StepProgress}
 * shows how far it is.
 */
package org.patronvault.cli.keys;
