package org.patronvault.cli.command;

import org.patronvault.access.account.SignIn;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.terminal.Prompt;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The source of a person's credentials: the named files, or else input at the terminal. */
record CredentialPrompt(Prompt prompt) {

    /** Returns the credentials, with a code only if one was named. */
    SignIn.Credentials given(String name, SecretSource password, SecretSource otp) {
        return new SignIn.Credentials(name, passwordOf(name, password), otp == null ? "" : otp.text());
    }

    /** Returns the credentials. Asks for a code if none was named and the account has a second factor. */
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

    /** Without a terminal nothing is tried: a missing code would count as a wrong try. */
    private String typedCode(String name) {
        return prompt.ask("One-time code of " + name.strip() + ": ", true)
                .orElseThrow(() -> new Refused(
                        Problem.NOT_SIGNED_IN,
                        "This account has a second factor: give its one-time code, or a recovery code, with --otp-file F"
                                + " (--second-otp-file F for the second person)."));
    }
}
