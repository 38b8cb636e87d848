// What the rooms of the community share: their tabs, in whose name one acts, and an experience in a list.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Attribute, Counters, Experience, Value } from "../../core/community";
import { count, dayOf, facetLabel, facetValue, lengthOfTime } from "../../core/format";
import { hrefOf, path, place } from "../../core/router";
import { COMMUNITY } from "../../shell/screens";
import { Highlighted, PageHead } from "../../ui/text";
import { categoryTitle, loadCategories } from "./categories";

const PERSON_STORE = "likewise.community.person";

const remembered = signal(sessionStorage.getItem(PERSON_STORE) ?? "");

/** In whose name one looks and acts: the address says it, else who it was last. */
export const acting = (): string => place.value.params.get("user") ?? remembered.value;

export function actAs(user: string): void {
  remembered.value = user;
  sessionStorage.setItem(PERSON_STORE, user);
}

export const experienceHref = (id: string): string => `/community/experiences/${encodeURIComponent(id)}`;
export const personHref = (user: string): string => `/community/people/${encodeURIComponent(user)}`;
export const feedHref = (user: string): string => hrefOf("/community", new URLSearchParams({ user }));
export const searchHref = (params: Record<string, string>): string => hrefOf("/community/search", new URLSearchParams(params));
export const attributeHref = (key: string, value: Value): string => searchHref({ a: `${key}:${value}` });

function Tabs() {
  return (
    <nav class="tabs" aria-label="Community">
      <ul>
        {COMMUNITY.map(({ href, label }) => (
          <li key={href}>
            <a href={href} aria-current={path.value === href ? "page" : undefined}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface RoomProps {
  title: string;
  aside?: ComponentChildren;
  about?: ComponentChildren;
  children: ComponentChildren;
}

/** A room of the community: tabs, heading, what is in it. */
export function Room({ title, aside, about, children }: RoomProps) {
  useEffect(() => void loadCategories(), []);
  return (
    <div class="page community">
      <Tabs />
      <PageHead title={title} aside={aside}>
        {about && <p class="quiet">{about}</p>}
      </PageHead>
      {children}
    </div>
  );
}

export const nameOf = ({ author, author_name }: { author: string; author_name: string | null }): string => author_name ?? author;

export const titleOf = ({ title, text }: { title: string; text: string }): string => title || (text.length > 90 ? `${text.slice(0, 88).trimEnd()}…` : text);

export function CounterLine({ counters }: { counters: Counters }) {
  const parts: [number, string, string][] = [
    [counters.upvotes, "upvote", "upvotes"],
    [counters.comments, "comment", "comments"],
    [counters.views, "view", "views"],
  ];
  return (
    <ul class="counters" aria-label="Counters">
      {parts.map(([value, one, many]) => (
        <li key={one}>
          <strong class="numbers">{count(value)}</strong> {value === 1 ? one : many}
        </li>
      ))}
    </ul>
  );
}

/** Who told it, of what category, where and when. */
export function Origin({ one }: { one: Experience }) {
  return (
    <p class="origin">
      <a class="tag" href={searchHref({ category: one.category })}>
        {categoryTitle(one.category)}
      </a>
      <span>
        by <a href={personHref(one.author)}>{nameOf(one)}</a>
      </span>
      {one.place_name && <span>{one.place_name}</span>}
      {one.happened_at && <time dateTime={one.happened_at}>{dayOf(one.happened_at)}</time>}
      {one.state !== "public" && <span class={`state ${one.state}`}>{one.state}</span>}
    </p>
  );
}

export type Spans = readonly [number, number][];

interface CardProps {
  one: Experience;
  spans?: { title?: Spans | undefined; text?: Spans | undefined } | undefined;
  text?: string | undefined;
  children?: ComponentChildren;
}

export function Card({ one, spans, text, children }: CardProps) {
  return (
    <article class="card" data-card={one.id} aria-labelledby={`card-${one.id}`}>
      <h3 id={`card-${one.id}`}>
        <a href={experienceHref(one.id)}>{one.title ? <Highlighted text={one.title} spans={spans?.title} /> : titleOf(one)}</a>
      </h3>
      <Origin one={one} />
      {(one.title || text) && (
        <p class="card-text">
          <Highlighted text={text ?? one.text} spans={spans?.text} />
        </p>
      )}
      <CounterLine counters={one.counters} />
      {children}
    </article>
  );
}

/** An attribute's value as people say it: `10 min`, `near death`, `yes`. */
export function valueWords({ key, value }: Pick<Attribute, "key" | "value">): string {
  if (typeof value === "number" && key.endsWith("_s")) return lengthOfTime(value);
  if (value === "true" || value === "false") return value === "true" ? "yes" : "no";
  return typeof value === "string" ? value.replaceAll("_", " ") : facetValue(key, value);
}

export const attributeWords = (one: Pick<Attribute, "key" | "value">): string => `${facetLabel(one.key)}: ${valueWords(one)}`;
