// The transport: JSON over fetch, problems as one error type, server-sent events with a bearer key.
import { signal } from "@preact/signals";
import type { ProblemBody } from "./api";

const PREFIX = "/api/v1";
const KEY_STORE = "likewise.key";

/** True after the server refused a request for want of a key; the shell then asks for one. */
export const keyWanted = signal(false);

/** The first sentence says what happened; what follows it says what to do. */
function sentences(detail: string): [string, string | null] {
  const split = /^(.+?[.!?])\s+(?=[A-Z`'"])(.+)$/s.exec(detail);
  return split ? [split[1] ?? detail, split[2] ?? null] : [detail, null];
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly help: string | null;
  readonly requestId: string | null;
  readonly fields: { pointer: string; detail: string }[];

  constructor(status: number, body: ProblemBody, requestId: string | null) {
    const detail = body.detail ?? body.title ?? `The server answered with status ${status}.`;
    const [what, todo] = sentences(detail);
    super(what);
    this.status = status;
    this.code = body.code ?? `http_${status}`;
    this.help = todo;
    this.requestId = body.request_id ?? requestId;
    this.fields = body.errors ?? [];
  }
}

function unreachable(): Problem {
  const detail = "The server did not answer. Check that `likewise up` is still running, then try again.";
  return new Problem(0, { detail, code: "unreachable" }, null);
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Any thrown value as a Problem, so that a screen has one thing to show. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, { detail: String(error), code: "console_error" }, null);
}

export function storedKey(): string | null {
  return sessionStorage.getItem(KEY_STORE);
}

export function storeKey(key: string | null): void {
  if (key) sessionStorage.setItem(KEY_STORE, key);
  else sessionStorage.removeItem(KEY_STORE);
  keyWanted.value = false;
}

/** Random hex; crypto.randomUUID is missing on plain http from another machine. */
export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, string | number | boolean | null | undefined>;
  json?: unknown;
  raw?: Blob;
  /** A POST that only asks: it needs no key against being carried out twice. */
  reads?: boolean;
  signal?: AbortSignal | undefined;
}

export function address(path: string, query: Call["query"] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return PREFIX + path + (text ? `?${text}` : "");
}

export function headersFor(writes: boolean, json: boolean): Record<string, string> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  const key = storedKey();
  if (key) headers["Authorization"] = `Bearer ${key}`;
  if (json) headers["Content-Type"] = "application/json";
  if (writes) headers["Idempotency-Key"] = randomToken();
  return headers;
}

/** One failed answer as a Problem; a 401 also asks the reader for a key. */
export function problemFrom(status: number, text: string, requestId: string | null): Problem {
  if (status === 401) keyWanted.value = true;
  let body: ProblemBody = {};
  try {
    body = JSON.parse(text) as ProblemBody;
  } catch {
    // A proxy in between may answer in HTML; the status alone is then all there is to say.
  }
  return new Problem(status, body, requestId);
}

async function send(path: string, call: Call, headers: Record<string, string>): Promise<Response> {
  const body = call.raw ?? (call.json === undefined ? null : JSON.stringify(call.json));
  let response: Response;
  try {
    response = await fetch(address(path, call.query), {
      method: call.method ?? "GET",
      headers,
      body,
      signal: call.signal ?? null,
      credentials: "same-origin",
    });
  } catch (error) {
    if (isAborted(error)) throw error;
    throw unreachable();
  }
  if (!response.ok) {
    throw problemFrom(response.status, await response.text(), response.headers.get("X-Request-Id"));
  }
  return response;
}

/** A JSON answer of type T; throws Problem, or the AbortError of a cancelled call. */
export async function request<T>(path: string, call: Call = {}): Promise<T> {
  const method = call.method ?? "GET";
  const writes = method !== "GET" && !call.reads;
  const response = await send(path, call, headersFor(writes, call.json !== undefined));
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export interface StreamEvent {
  event: string;
  data: string;
}

/** Server-sent events until the server closes; EventSource cannot carry a key, so this reads the body. */
export async function stream(
  path: string,
  onEvent: (event: StreamEvent) => void,
  signal: AbortSignal,
  onOpen?: () => void,
  /** What is asked, where asking takes a body. */
  json?: unknown,
): Promise<void> {
  const headers = { ...headersFor(false, json !== undefined), Accept: "text/event-stream" };
  const response = await send(path, { signal, json, method: json === undefined ? "GET" : "POST" }, headers);
  if (!response.body || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) throw unreachable();
  onOpen?.();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (buffer + value).replaceAll("\r\n", "\n").split("\n\n");
    buffer = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event) onEvent(event);
    }
  }
}

function parseEvent(block: string): StreamEvent | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  // A block of comments only is a heartbeat.
  return data.length > 0 || event !== "message" ? { event, data: data.join("\n") } : null;
}

/** Sends a file with its upload progress, which fetch does not report. */
export function upload<T>(
  path: string,
  query: Call["query"],
  file: Blob,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", address(path, query));
    const headers = { ...headersFor(true, false), "Content-Type": "application/octet-stream" };
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onload = () => {
      if (xhr.status < 300) resolve(JSON.parse(xhr.responseText) as T);
      else reject(problemFrom(xhr.status, xhr.responseText, xhr.getResponseHeader("X-Request-Id")));
    };
    xhr.onerror = () => reject(unreachable());
    xhr.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
    signal.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(file);
  });
}
