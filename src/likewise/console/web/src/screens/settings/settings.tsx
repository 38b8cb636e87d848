import { useEffect } from "preact/hooks";
import { place } from "../../core/router";
import { PageHead } from "../../ui/text";
import { Appearance } from "./appearance";
import { Keys } from "./keys";
import { Models } from "./models";
import { Searches } from "./searches";
import { Values } from "./values";

const SECTIONS = [
  { id: "appearance", title: "Appearance", Section: Appearance },
  { id: "keys", title: "API keys", Section: Keys },
  { id: "models", title: "Models", Section: Models },
  { id: "searches", title: "Searches", Section: Searches },
  { id: "values", title: "Server settings", Section: Values },
] as const;

export default function Settings() {
  useEffect(() => {
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [place.value]);
  return (
    <div class="page settings">
      <PageHead title="Settings" />
      <nav class="contents" aria-label="Sections">
        <ul>
          {SECTIONS.map(({ id, title }) => (
            <li key={id}>
              <a href={`#${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="settings-sections">
        {SECTIONS.map(({ id, title, Section }) => (
          <section key={id} id={id} aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`}>{title}</h2>
            <Section />
          </section>
        ))}
      </div>
    </div>
  );
}
