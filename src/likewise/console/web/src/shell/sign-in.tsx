import { useSignal } from "@preact/signals";
import { storeKey, storedKey } from "../core/client";
import { CommandLine } from "../ui/copy";

/** Shown when the server asks for a key. The key stays in this tab and is sent to this server only. */
export function SignIn() {
  const key = useSignal("");
  const refused = storedKey() !== null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    storeKey(key.value.trim());
    location.reload();
  };
  return (
    <main class="sign-in" id="main">
      <h1>This server asks for an API key</h1>
      {refused && (
        <p class="warn" role="alert">
          The key of this tab was refused: it may have been revoked.
        </p>
      )}
      <form onSubmit={submit}>
        <label for="api-key">API key</label>
        <input
          id="api-key"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={key.value}
          onInput={(event) => (key.value = event.currentTarget.value)}
        />
        <button type="submit" class="button primary">
          Continue
        </button>
      </form>
      <p class="quiet">The key stays in this tab. On the server, this makes one:</p>
      <CommandLine command="likewise keys create console" />
    </main>
  );
}
