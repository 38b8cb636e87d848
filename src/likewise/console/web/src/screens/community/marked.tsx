// A text with the words that attributes were read from; the attribute that is looked at has its words stand out.
import { computed, signal } from "@preact/signals";
import type { Attribute } from "../../core/community";
import { facetLabel, percent } from "../../core/format";
import { attributeHref, attributeWords, valueWords } from "./shared";

/** The attribute that is looked at, by its place in the list: pointed at or focused, else pinned. */
const pointed = signal<number | null>(null);
const pinned = signal<number | null>(null);
const looked = computed(() => pointed.value ?? pinned.value);

export function forgetLooked(): void {
  pointed.value = null;
  pinned.value = null;
}

interface Piece {
  text: string;
  /** Which attributes were read from it. */
  of: number[];
}

/** The text cut wherever words of an attribute begin or end; positions count code points. */
function piecesOf(text: string, field: "title" | "text", attributes: readonly Attribute[]): Piece[] {
  const points = Array.from(text);
  const spans = attributes.flatMap((one, index) => (one.field === field && one.end > one.start ? [{ index, start: one.start, end: Math.min(one.end, points.length) }] : []));
  const cuts = [...new Set([0, points.length, ...spans.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, index) => ({
    text: points.slice(from, cuts[index + 1]).join(""),
    of: spans.filter(({ start, end }) => start <= from && from < end).map((span) => span.index),
  }));
}

export function Marked({ text, field, attributes }: { text: string; field: "title" | "text"; attributes: readonly Attribute[] }) {
  return (
    <>
      {piecesOf(text, field, attributes).map(({ text: words, of }, index) =>
        of.length === 0 ? (
          words
        ) : (
          <mark
            key={index}
            class="read"
            data-looked={looked.value !== null && of.includes(looked.value)}
            title={of.map((one) => attributes[one] && attributeWords(attributes[one])).join(", ")}
            onMouseEnter={() => (pointed.value = of[0] ?? null)}
            onMouseLeave={() => (pointed.value = null)}
          >
            {words}
          </mark>
        ),
      )}
    </>
  );
}

const SOURCES: Record<Attribute["source"], string> = {
  author: "said by the author",
  extracted: "read in the text",
  model: "read by the chat model",
};

/** Why an attribute was read where it was, in words. */
function whence({ source, words, field, is_counted }: Attribute): string {
  const where = words ? `${SOURCES[source]}: “${words}”${field === "title" ? ", in the title" : ""}` : source === "extracted" ? "follows from when and where it was" : SOURCES[source];
  return is_counted ? where : `${where}; not searched by`;
}

export function Attributes({ attributes }: { attributes: readonly Attribute[] }) {
  if (attributes.length === 0) return <p class="quiet">Nothing is known of it beyond its words.</p>;
  return (
    <ul class="attributes" aria-label="Attributes">
      {attributes.map((one, index) => {
        const hasWords = one.words !== "";
        return (
          <li
            key={index}
            data-looked={looked.value === index}
            data-counted={one.is_counted}
            onMouseEnter={() => (pointed.value = hasWords ? index : null)}
            onMouseLeave={() => (pointed.value = null)}
            onFocusIn={() => (pointed.value = hasWords ? index : null)}
            onFocusOut={() => (pointed.value = null)}
          >
            <span class="quiet">{facetLabel(one.key)}</span>
            <a href={attributeHref(one.key, one.value)}>{valueWords(one)}</a>
            <span class="numbers" title="Confidence">
              <span class="visually-hidden">confidence </span>
              {percent(one.confidence)}
            </span>
            {hasWords && (
              <button type="button" class="link" aria-pressed={pinned.value === index} onClick={() => (pinned.value = pinned.value === index ? null : index)}>
                <span aria-hidden="true">words</span>
                <span class="visually-hidden">Mark the words of {attributeWords(one)}</span>
              </button>
            )}
            <span class="whence quiet">{whence(one)}</span>
          </li>
        );
      })}
    </ul>
  );
}
