package org.patronvault.cli;

import org.patronvault.access.SignIn;
import org.patronvault.app.VaultInstance;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** What proves who somebody is: read from the files that were named, and else typed by whoever sits there. */
record CredentialPrompt(Prompt prompt) {

    /** With a code as far as one was named. */
    SignIn.Credentials given(String name, SecretSource password, SecretSource otp) {
        return new SignIn.Credentials(name, passwordOf(name, password), otp == null ? "" : otp.text());
    }

    /** With a code that is asked for if none was named and the account has a second factor. */
    SignIn.Credentials asked(VaultInstance vault, String name, SecretSource password, SecretSource otp) {
        SignIn.Credentials given = given(name, password, otp);
        boolean asks = otp == null && vault.access().hasSecondFactor(name);
        return asks ? new SignIn.Credentials(name, given.password(), typedCode(name)) : given;
    }

    private String passwordOf(String name, SecretSource named) {
        if (named != null) {
            return named.text();
        }
        return prompt.ask("Password of " + name.strip() + ": ", false)
                .orElseThrow(() ->
                        new Refused(Problem.NOT_SIGNED_IN, "The password is missing: give it with --password-file F."));
    }

    /** Where nobody can type it, nothing is tried: without the code it would count as a wrong try. */
    private String typedCode(String name) {
        return prompt.ask("One-time code of " + name.strip() + ": ", true)
                .orElseThrow(() -> new Refused(
                        Problem.NOT_SIGNED_IN,
                        "This account has a second factor: give its one-time code, or a recovery code, with --otp-file F"
                                + " (--second-otp-file F for the second person)."));
    }
}
