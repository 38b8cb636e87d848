import type { HealthReport } from "../../core/api";
import { CommandLine } from "../../ui/copy";

interface Step {
  title: string;
  text: string;
  href: string;
  link: string;
  command: string;
}

const START: readonly Step[] = [
  {
    title: "Look around first",
    text: "Sample texts of several kinds, ready to search.",
    href: "/collections",
    link: "See the collections",
    command: "likewise demo",
  },
  {
    title: "Call it from a program",
    text: "Everything in this window is done by the public API.",
    href: "/docs",
    link: "API documentation",
    command: "likewise keys create website --scope read",
  },
];

const GOING: readonly Step[] = [
  {
    title: "Search from the shell",
    text: "The same answers, as text or JSON.",
    href: "/search",
    link: "Open Search",
    command: 'likewise search "my order never came" -c inbox',
  },
  {
    title: "Load another file",
    text: "Facets named here become filters.",
    href: "/load",
    link: "Load a file",
    command: "likewise load reviews.csv --text body --facets stars,product",
  },
  {
    title: "Call it from a program",
    text: "A key is needed only from another machine.",
    href: "/settings#keys",
    link: "Create an API key",
    command: "likewise keys create website --scope read",
  },
];

export function NextSteps({ report }: { report: HealthReport }) {
  const steps = report.figures.items > 0 ? GOING : START;
  return (
    <section aria-labelledby="next">
      <h2 id="next">Next</h2>
      <ol class="steps">
        {steps.map((step) => (
          <li key={step.title}>
            <h3>{step.title}</h3>
            <p>
              {step.text} <a href={step.href}>{step.link}</a>
            </p>
            <CommandLine command={step.command} />
          </li>
        ))}
      </ol>
    </section>
  );
}
