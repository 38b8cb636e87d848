// The commands that exist on every screen.
import { register, type Command } from "../core/commands";
import { navigate, path } from "../core/router";
import { contrast, scheme, type Scheme } from "../core/theme";
import { openDialog } from "./dialogs";
import { COMMUNITY, DESTINATIONS } from "./screens";

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>("#query");
  if (path.value === "/search" && field) {
    field.focus();
    field.select();
  } else navigate("/search");
}

const theme = (value: Scheme, title: string): Command => ({
  id: `theme-${value}`,
  title,
  group: "Appearance",
  run: () => (scheme.value = value),
});

export function registerStandard(): () => void {
  const going = DESTINATIONS.map(
    ({ href, label, keys }): Command => ({ id: `go${href}`, title: label, group: "Go to", keys, run: () => navigate(href) }),
  );
  const rooms = COMMUNITY.map(
    ({ href, label, keys }): Command => ({ id: `room${href}`, title: `Community: ${label}`, group: "Go to", keys, run: () => navigate(href) }),
  );
  return register([
    ...going,
    ...rooms,
    { id: "focus-search", title: "Write a query", group: "Do", keys: "/", run: focusSearch },
    { id: "load-file", title: "Load a file", group: "Do", keys: "l", run: () => navigate("/load") },
    { id: "api-docs", title: "Open the API documentation", group: "Help", run: () => location.assign("/docs") },
    theme("system", "Theme of the system"),
    theme("light", "Light theme"),
    theme("dark", "Dark theme"),
    {
      id: "contrast",
      title: "Switch high contrast",
      group: "Appearance",
      run: () => (contrast.value = contrast.value === "more" ? "system" : "more"),
    },
    { id: "palette", title: "Command palette", group: "Help", keys: "mod+k", run: () => (openDialog.value = "palette") },
    { id: "shortcuts", title: "Keyboard shortcuts", group: "Help", keys: "?", run: () => (openDialog.value = "shortcuts") },
  ]);
}
