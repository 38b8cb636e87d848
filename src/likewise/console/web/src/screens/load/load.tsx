import { useEffect, useRef } from "preact/hooks";
import { bytes, plural } from "../../core/format";
import { place } from "../../core/router";
import { chosenFile } from "../../shell/drop";
import { Icon } from "../../ui/icon";
import { CommandLine } from "../../ui/copy";
import { ProblemNote, Skeleton } from "../../ui/states";
import { PageHead } from "../../ui/text";
import { shellWord } from "../search/snippets";
import { Columns } from "./columns";
import { collections, forget, lookAt, mapping, preview, problem, ready, refreshCollections, send, sent, stopSending, target, targetIsValid } from "./store";

const ACCEPTED = ".csv,.tsv,.jsonl,.ndjson,.json,.parquet,.gz";

function ChooseFile() {
  const field = useRef<HTMLInputElement>(null);
  return (
    <div class="choose">
      <Icon name="file" />
      <p>Drop a CSV, JSON lines or Parquet file here, compressed or not.</p>
      <div class="empty-ways">
        <input
          ref={field}
          id="file"
          class="visually-hidden"
          type="file"
          accept={ACCEPTED}
          tabIndex={-1}
          aria-label="File to load"
          onChange={(event) => (chosenFile.value = event.currentTarget.files?.[0] ?? null)}
        />
        <button type="button" class="button primary" onClick={() => field.current?.click()}>
          Choose a file
        </button>
        <CommandLine command="likewise load reviews.csv --text body" />
      </div>
    </div>
  );
}

function Target() {
  const known = collections.data.value?.find(({ name }) => name === target.value);
  return (
    <div class="field">
      <label for="target">Collection</label>
      <input
        id="target"
        list="collections"
        required
        autocomplete="off"
        spellcheck={false}
        aria-describedby="target-help"
        aria-invalid={!targetIsValid.value}
        value={target.value}
        onInput={(event) => (target.value = event.currentTarget.value.trim())}
      />
      <datalist id="collections">
        {collections.data.value?.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p id="target-help" class={targetIsValid.value ? "quiet" : "bad"}>
        {!targetIsValid.value
          ? "Letters, digits, hyphens and underscores, beginning with a letter or digit."
          : known
            ? `Adds to ${plural(known.item_count, "item")}.`
            : "A new collection of this name."}
      </p>
    </div>
  );
}

function shellCommand(file: File): string {
  const { text, title, key, facets, time, place: spot, author, category } = mapping.value;
  const flags: [string, string | null | undefined][] = [
    ["text", text], ["title", title], ["key", key], ["facets", facets?.join(",")], ["time", time],
    ["place", typeof spot === "string" ? spot : null], ["author", author], ["category", category],
  ];
  const said = flags.filter(([, value]) => value).map(([flag, value]) => `--${flag} ${shellWord(value ?? "")}`);
  return ["likewise load", shellWord(file.name), "-c", shellWord(target.value), ...said].join(" ");
}

function Sending({ file }: { file: File }) {
  const done = sent.value ?? 0;
  return (
    <div class="progress" role="group" aria-label="Upload">
      <progress aria-label="Upload" max={file.size || 1} value={done} />
      <span class="numbers">
        {bytes(done)} of {bytes(file.size)} sent
      </span>
      <button type="button" class="button" onClick={stopSending}>
        Cancel
      </button>
    </div>
  );
}

function Mapping({ file }: { file: File }) {
  const columns = preview.data.value?.columns ?? [];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void send();
  };
  return (
    <form class="load-form" onSubmit={submit}>
      <Target />
      {preview.data.value?.notes?.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      <Columns columns={columns} />
      {problem.value && <ProblemNote problem={problem.value} />}
      {sent.value !== null ? (
        <Sending file={file} />
      ) : (
        <div class="row">
          <button type="submit" class="button primary" disabled={!ready.value}>
            Load {file.name}
          </button>
          <button type="button" class="button" onClick={forget}>
            Choose another file
          </button>
        </div>
      )}
      <section>
        <h2>The same in the shell</h2>
        <CommandLine command={shellCommand(file)} />
      </section>
    </form>
  );
}

export default function Load() {
  const file = chosenFile.value;
  const into = place.value.params.get("into");
  useEffect(() => void refreshCollections(), []);
  useEffect(() => {
    if (file) void lookAt(file, into);
    return preview.cancel;
  }, [file]);
  const trouble = preview.problem.value;
  return (
    <div class="page narrow">
      <PageHead title={into && !file ? `Load a file into ${into}` : "Load a file"}>
        {file && (
          <p class="quiet numbers">
            {file.name}, {bytes(file.size)}
            {preview.data.value && `, ${preview.data.value.format}`}
          </p>
        )}
      </PageHead>
      {!file && <ChooseFile />}
      {file && trouble && (
        <>
          <ProblemNote problem={trouble} retry={() => void lookAt(file, into)} />
          <button type="button" class="button" onClick={forget}>
            Choose another file
          </button>
        </>
      )}
      {file && !trouble && !preview.data.value && <Skeleton lines={8} />}
      {file && !trouble && preview.data.value && <Mapping file={file} />}
    </div>
  );
}
