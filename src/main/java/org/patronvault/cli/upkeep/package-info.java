/**
 * Commands that create, check, back up, move and restore a vault.
 *
 * <p>Most commands call one class of {@code upkeep} and print its report. {@code InitCommand}, {@code RestoreCommand}
 * and {@code DbCommands} also work where no vault is open yet.
 */
package org.patronvault.cli.upkeep;
