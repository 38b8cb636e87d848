import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ApiKey, Scope } from "../../core/api";
import { asProblem, type Problem } from "../../core/client";
import { createKey, listKeys, revokeKey } from "../../core/endpoints";
import { resource } from "../../core/resource";
import { announce } from "../../ui/announce";
import { CommandLine, CopyButton } from "../../ui/copy";
import { Confirm, Dialog } from "../../ui/dialog";
import { ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";

const SCOPES: readonly (readonly [Scope, string])[] = [
  ["read", "Search and read"],
  ["write", "Add, change and delete items"],
  ["admin", "Keys, tenants and settings"],
];

const keys = resource<ApiKey[]>();
const refresh = (): Promise<void> => keys.run(listKeys);

function CreateKey({ onCreated }: { onCreated: (key: ApiKey) => void }) {
  const name = useSignal("");
  const scopes = useSignal<Scope[]>(["read"]);
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const toggle = (scope: Scope) =>
    (scopes.value = scopes.value.includes(scope) ? scopes.value.filter((one) => one !== scope) : [...scopes.value, scope]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    try {
      onCreated(await createKey(name.value.trim(), scopes.value));
      name.value = "";
      problem.value = null;
      await refresh();
    } catch (error) {
      problem.value = asProblem(error);
    }
    busy.value = false;
  };
  return (
    <form class="create-key" onSubmit={submit}>
      <div class="field">
        <label for="key-name">Name of the program that will use it</label>
        <input id="key-name" required maxLength={100} autocomplete="off" value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
      </div>
      <fieldset class="choice">
        <legend>May</legend>
        {SCOPES.map(([scope, label]) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.value.includes(scope)} onChange={() => toggle(scope)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="button primary" disabled={busy.value || scopes.value.length === 0}>
        Create key
      </button>
      {problem.value && <ProblemNote problem={problem.value} />}
    </form>
  );
}

function NewKey({ created, onClose }: { created: ApiKey; onClose: () => void }) {
  return (
    <Dialog title={`Key for ${created.name}`} onClose={onClose}>
      <p>Copy it now: only its hash is kept, so it cannot be shown again.</p>
      <div class="command">
        <code tabIndex={0} role="group" aria-label="The key">
          {created.key}
        </code>
        <CopyButton text={created.key ?? ""} what="the key" />
      </div>
    </Dialog>
  );
}

function Revoke({ victim, onClose }: { victim: ApiKey; onClose: () => void }) {
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const revoke = async () => {
    busy.value = true;
    try {
      await revokeKey(victim.id);
      announce(`Revoked ${victim.name}`);
      await refresh();
      onClose();
    } catch (error) {
      problem.value = asProblem(error);
      busy.value = false;
    }
  };
  return (
    <Confirm title={`Revoke ${victim.name}?`} action="Revoke" busy={busy.value} onConfirm={revoke} onClose={onClose}>
      {problem.value && <ProblemNote problem={problem.value} />}
      <p>The next request with this key is refused. It cannot be brought back.</p>
    </Confirm>
  );
}

function KeyTable({ shown, onRevoke }: { shown: readonly ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">May</th>
            <th scope="col" class="wide-only">Made</th>
            <th scope="col" class="wide-only">Last used</th>
            <th scope="col"><span class="visually-hidden">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          {shown.map((key) => (
            <tr key={key.id}>
              <th scope="row">
                {key.name} {key.hint && <code class="quiet">…{key.hint}</code>}
              </th>
              <td>{key.scopes.join(", ")}</td>
              <td class="wide-only">{key.created_at && <When time={key.created_at} />}</td>
              <td class="wide-only">{key.used_at ? <When time={key.used_at} /> : <span class="quiet">never</span>}</td>
              <td class="actions">
                <button type="button" class="button danger-quiet" onClick={() => onRevoke(key)}>
                  Revoke<span class="visually-hidden"> {key.name}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Keys() {
  const created = useSignal<ApiKey | null>(null);
  const victim = useSignal<ApiKey | null>(null);
  useEffect(() => void refresh(), []);
  const shown = keys.data.value;
  const problem = keys.problem.value;
  return (
    <>
      {problem && <ProblemNote problem={problem} retry={refresh} />}
      {!shown && !problem && <Skeleton lines={3} />}
      {shown && shown.length > 0 && <KeyTable shown={shown} onRevoke={(key) => (victim.value = key)} />}
      {shown?.length === 0 && (
        <div class="empty-inline">
          <p>No keys yet: programs on this machine need none.</p>
          <CommandLine command="likewise keys create website --scope read" />
        </div>
      )}
      {shown && <CreateKey onCreated={(key) => (created.value = key)} />}
      {created.value && <NewKey created={created.value} onClose={() => (created.value = null)} />}
      {victim.value && <Revoke victim={victim.value} onClose={() => (victim.value = null)} />}
    </>
  );
}
