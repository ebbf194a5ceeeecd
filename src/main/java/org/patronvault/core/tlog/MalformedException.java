package org.patronvault.core.tlog;

/**
 * A failure to parse bytes or text that do not have the prescribed form. It says nothing about signatures; those fail
 * with {@link UnverifiedException}. Checked, so that each caller decides whose fault it is: a request's, an operator's
 * file or the vault's own store. The message names the format and the fault, never the content.
 */
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String fault) {
        super(fault);
    }

    MalformedException(String fault, Throwable cause) {
        super(fault, cause);
    }
}
