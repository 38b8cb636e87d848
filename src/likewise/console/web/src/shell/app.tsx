import { useEffect } from "preact/hooks";
import { keyWanted } from "../core/client";
import { Announcer } from "../ui/announce";
import { openDialog } from "./dialogs";
import { DropZone } from "./drop";
import { startHealth } from "./health";
import { Outlet } from "./outlet";
import { Palette } from "./palette";
import { Rail } from "./rail";
import { Shortcuts } from "./shortcuts";
import { SignIn } from "./sign-in";
import { registerStandard } from "./standard";

function skipToMain(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Shell() {
  useEffect(registerStandard, []);
  useEffect(startHealth, []);
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <Rail />
      <Outlet />
      <DropZone />
      {openDialog.value === "palette" && <Palette />}
      {openDialog.value === "shortcuts" && <Shortcuts />}
      <Announcer />
    </>
  );
}

export const App = () => (keyWanted.value ? <SignIn /> : <Shell />);
