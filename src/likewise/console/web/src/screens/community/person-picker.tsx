// Choosing somebody by name or by the caller's own id; what is typed need not be among the known.
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { listMembers, type MemberRow } from "../../core/community-reading";
import { resource } from "../../core/resource";

const CHOICES = 8;
const KNOWN_MAX = 100;
const known = resource<MemberRow[]>();

/** The first whose name or id has what was typed; those who begin with it go before the others. */
function matching(typed: string, user: string): MemberRow[] {
  const wanted = typed.trim().toLowerCase();
  const all = known.data.value ?? [];
  if (!wanted || typed.trim() === user) return all.slice(0, CHOICES);
  const rank = ({ user: id, name }: MemberRow): number => Math.min(...[id, name ?? ""].map((text) => text.toLowerCase().indexOf(wanted)).map((at) => (at < 0 ? Infinity : at)));
  return all
    .filter((row) => rank(row) < Infinity)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, CHOICES);
}

interface PickerProps {
  label: string;
  user: string;
  onChoose: (user: string) => void;
}

export function PersonPicker({ label, user, onChoose }: PickerProps) {
  const id = useId();
  const typed = useSignal(user);
  const isOpen = useSignal(false);
  const active = useSignal(-1);
  useEffect(() => void (typed.value = user), [user]);
  useEffect(() => {
    if (isOpen.value) void known.run(async (abort) => (await listMembers({ limit: KNOWN_MAX }, abort)).data);
  }, [isOpen.value]);
  const rows = isOpen.value ? matching(typed.value, user) : [];
  const choose = (chosen: string): void => {
    isOpen.value = false;
    active.value = -1;
    typed.value = chosen || user;
    if (chosen && chosen !== user) onChoose(chosen);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" && !isOpen.value) isOpen.value = true;
    else if (event.key === "ArrowDown") active.value = Math.min(rows.length - 1, active.value + 1);
    else if (event.key === "ArrowUp") active.value = Math.max(-1, active.value - 1);
    else if (event.key === "Escape" && isOpen.value) isOpen.value = false;
    else if (event.key === "Enter") choose(rows[active.value]?.user ?? typed.value.trim());
    else return;
    event.preventDefault();
  };
  return (
    <div class="picker" onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && (isOpen.value = false)}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        role="combobox"
        aria-expanded={rows.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={rows[active.value] ? `${id}-${active.value}` : undefined}
        placeholder="Name or id"
        autocomplete="off"
        spellcheck={false}
        value={typed.value}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          isOpen.value = true;
          active.value = -1;
        }}
        onClick={() => (isOpen.value = true)}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} hidden={rows.length === 0}>
        {rows.map((row, index) => (
          <li
            key={row.user}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active.value}
            onMouseMove={() => (active.value = index)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(row.user)}
          >
            <span>{row.name ?? row.user}</span>
            {row.name && <span class="quiet">{row.user}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
