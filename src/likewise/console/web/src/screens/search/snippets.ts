// The present search as code somebody can run.
import type { SearchRequest } from "../../core/api";

const PLAIN_WORD = /^[\w./:@=,-]+$/;

/** One word for a POSIX shell. */
export const shellWord = (text: string): string => (PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

function pythonValue(value: unknown, indent: string): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}    `;
  if (Array.isArray(value)) return `[${value.map((one) => pythonValue(one, indent)).join(", ")}]`;
  const lines = Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${pythonValue(one, inner)},`);
  return `{\n${lines.join("\n")}\n${indent}}`;
}

export interface Snippets {
  shell: string;
  curl: string;
  python: string;
}

export function snippets(body: SearchRequest, like: string | null, origin: string, keyed: boolean): Snippets {
  const { query, ...shared } = body;
  const sent = like === null ? body : { key: like, ...shared };
  const url = `${origin}/api/v1/search${like === null ? "" : "/similar"}`;
  const filter = body.filter ? ` --filter ${shellWord(JSON.stringify(body.filter))}` : "";
  const verb = like === null ? `search ${shellWord(query)}` : `similar ${shellWord(like)}`;
  const curlKey = keyed ? ` \\\n  -H "Authorization: Bearer $LIKEWISE_KEY"` : "";
  const pythonKey = keyed ? `    headers={"Authorization": f"Bearer {os.environ['LIKEWISE_KEY']}"},\n` : "";
  return {
    shell: `likewise ${verb} -c ${shellWord(body.collection)} -k ${body.k}${filter} --json`,
    curl: `curl ${shellWord(url)}${curlKey} \\\n  --json ${shellWord(JSON.stringify(sent))}`,
    python: `${keyed ? "import os\n\n" : ""}import httpx

answer = httpx.post(
    ${JSON.stringify(url)},
${pythonKey}    json=${pythonValue(sent, "    ")},
).raise_for_status().json()
for hit in answer["data"]:
    print(f"{hit['score']:.3f}  {hit['text'][:100]}")`,
  };
}
