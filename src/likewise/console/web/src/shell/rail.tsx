import { keyLabels } from "../core/commands";
import { path } from "../core/router";
import { Icon } from "../ui/icon";
import { Keys } from "../ui/text";
import mark from "../icons/mark.svg";
import { openDialog } from "./dialogs";
import { health } from "./health";
import { DESTINATIONS } from "./screens";

const isCurrent = (href: string): boolean => (href === "/" ? path.value === "/" : path.value.startsWith(href));

function HealthLine() {
  const status = health.problem.value ? "failing" : health.data.value?.status;
  if (!status) return null;
  const words = { ok: "All well", degraded: "Needs a look", failing: health.problem.value?.status === 0 ? "No answer" : "Failing" }[status];
  return (
    <a class={`rail-health status ${status}`} href="/">
      <span class="dot" aria-hidden="true" />
      {words}
    </a>
  );
}

export function Rail() {
  return (
    <header class="rail">
      <a class="brand" href="/" aria-label="Likewise, home">
        <img src={mark} alt="" width="24" height="24" />
        <span>Likewise</span>
      </a>
      <nav aria-label="Main">
        <ul>
          {DESTINATIONS.map(({ href, label, icon }) => (
            <li key={href}>
              <a href={href} aria-current={isCurrent(href) ? "page" : undefined}>
                <Icon name={icon} />
                <span>{label}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="rail-foot">
        <HealthLine />
        <button type="button" class="rail-palette" onClick={() => (openDialog.value = "palette")}>
          <span>Commands</span>
          <Keys labels={keyLabels("mod+k")} />
        </button>
      </div>
    </header>
  );
}
