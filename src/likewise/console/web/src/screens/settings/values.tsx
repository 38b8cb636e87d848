import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Setting } from "../../core/api";
import { listSettings } from "../../core/endpoints";
import { plain } from "../../core/format";
import { resource } from "../../core/resource";
import { ProblemNote, Skeleton } from "../../ui/states";
import { CommandLine } from "../../ui/copy";

const settings = resource<Setting[]>();
const refresh = (): Promise<void> => settings.run(listSettings);

const matches = ({ name, description, origin }: Setting, text: string): boolean =>
  `${name} ${description} ${origin}`.toLowerCase().includes(text.trim().toLowerCase());

/** Ports and years are numbers without thousands separators. */
const shownValue = ({ value, unit }: Setting): string => {
  const text = typeof value === "number" ? (unit ? plain(value) : String(value)) : plain(value);
  return unit ? `${text} ${unit}` : text;
};

function Row({ setting }: { setting: Setting }) {
  return (
    <tr>
      <th scope="row">
        <code>{setting.name}</code>
        <p class="quiet">{setting.description}</p>
      </th>
      <td class="setting-value">{shownValue(setting)}</td>
      <td>
        <span class={setting.origin === "default" ? "quiet" : "tag"}>{setting.origin}</span>
      </td>
    </tr>
  );
}

export function Values() {
  const text = useSignal("");
  useEffect(() => void refresh(), []);
  const all = settings.data.value;
  const problem = settings.problem.value;
  const shown = all?.filter((setting) => matches(setting, text.value)) ?? [];
  return (
    <>
      <p>
        Settings come from a flag, else the environment, else <code>likewise.toml</code>, else the default. They are read at the start.
      </p>
      <CommandLine command="likewise config show --origin" />
      {problem && <ProblemNote problem={problem} retry={refresh} />}
      {!all && !problem && <Skeleton lines={6} />}
      {all && (
        <>
          <input type="search" class="find" aria-label="Find a setting" placeholder="Find a setting" value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
          {shown.length === 0 ? (
            <p class="quiet" role="status">No setting mentions this.</p>
          ) : (
            <div class="table-scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Setting</th>
                    <th scope="col">Value</th>
                    <th scope="col">From</th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map((setting) => (
                    <Row key={setting.name} setting={setting} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
    </>
  );
}
