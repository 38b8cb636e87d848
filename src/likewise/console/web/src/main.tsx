import { render } from "preact";
import { startShortcuts } from "./core/commands";
import { startRouter } from "./core/router";
import { startTheme } from "./core/theme";
import { App } from "./shell/app";

startTheme();
startRouter();
startShortcuts();

const root = document.getElementById("app");
if (root) render(<App />, root);
