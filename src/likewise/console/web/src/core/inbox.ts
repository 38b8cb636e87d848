// The calls of the API about the inbox, and what they answer.
import type { Page } from "./api";
import { request } from "./client";

type Signal = AbortSignal | undefined;

export type GroupState = "open" | "actioned" | "archived";
export type GroupOrder = "size" | "trend" | "newest";
export type DeliveryState = "waiting" | "ready" | "delivered" | "failed" | "cancelled";

/** Messages that ask the same thing. */
export interface Group {
  id: string;
  label: string;
  name: string | null;
  words: string[];
  state: GroupState;
  message_count: number;
  answered_count: number;
  outlier_count: number;
  trend: number;
  first_seen_at: string;
  last_seen_at: string;
  is_locked: boolean;
  answers_late: boolean;
  action: string | null;
  examples: { id: string; text: string; visitor_name: string | null }[];
}

export interface Message {
  id: string;
  external_id: string;
  channel: string;
  text: string;
  status: "pending" | "grouped" | DeliveryState;
  visitor: string | null;
  visitor_name: string | null;
  avatar: string | null;
  sent_at: string;
  received_at: string;
  cluster: string | null;
  similarity: number | null;
  reason: "identical" | "near_verbatim" | "meaning" | "new" | "refined" | "person" | null;
  delivery: string | null;
}

export interface Reply {
  message: string;
  visitor_name: string | null;
  message_text: string;
  text: string;
}

export interface Preview extends Page<Reply> {
  message_count: number;
}

export interface Action {
  id: string;
  cluster: string;
  response_text: string;
  answers_late: boolean;
  actor: string;
  message_count: number;
  created_at: string;
  leaves_at: string;
  undone_at: string | null;
}

export interface ActionDetail extends Action {
  deliveries: Partial<Record<DeliveryState, number>>;
}

export interface Delivery {
  id: string;
  action: string;
  message: string;
  channel: string;
  external_id: string;
  text: string;
  state: DeliveryState;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  ended_at: string | null;
}

export interface Change {
  id: string;
  kind: "answer" | "remove" | "move" | "merge" | "split" | "lock" | "unlock" | "rename" | "archive" | "reopen";
  actor: string;
  cluster: string;
  other_cluster: string | null;
  action: string | null;
  message_count: number;
  created_at: string;
  undone_at: string | null;
}

export interface Changed {
  cluster: Group;
  change: Change;
}

export interface GroupsQuery {
  state: GroupState;
  order: GroupOrder;
  size_min: number;
  query: string;
}

export interface Draft {
  response_text: string;
  exceptions: string[];
}

export const EVENTS = "/inbox/events";
const group = (id: string): string => `/inbox/clusters/${encodeURIComponent(id)}`;
const post = <T>(path: string, json: unknown) => request<T>(path, { method: "POST", json });

export const listGroups = (asked: GroupsQuery, limit: number, after: string | null, signal?: Signal) =>
  request<Page<Group>>("/inbox/clusters", { query: { ...asked, limit, after }, signal });

export const hasMessages = async (signal?: Signal): Promise<boolean> =>
  (await request<Page<Message>>("/inbox/messages", { query: { limit: 1 }, signal })).data.length > 0;

export const countGroups = (signal?: Signal) => request<{ actioned: number; archived: number }>("/inbox/counts", { signal });

export const getGroup = (id: string, signal?: Signal) => request<Group>(group(id), { signal });

export const listGroupMessages = (id: string, limit: number, after: string | null, signal?: Signal) =>
  request<Page<Message>>(`${group(id)}/messages`, { query: { limit, after }, signal });

export const changeGroup = (id: string, json: { is_locked?: boolean; name?: string; state?: GroupState; answers_late?: boolean }) =>
  request<Group>(group(id), { method: "PATCH", json });

export const previewAnswer = (id: string, json: Draft, limit: number, after: string | null, signal?: Signal) =>
  request<Preview>(`${group(id)}/preview`, { method: "POST", query: { limit, after }, json, reads: true, signal });

export const sendAnswer = (id: string, json: Draft & { answers_late: boolean; expected_count: number }) =>
  post<Action>(`${group(id)}/action`, json);

export const listActions = async (id: string, signal?: Signal) =>
  (await request<Page<Action>>(`${group(id)}/actions`, { query: { limit: 20 }, signal })).data;

export const getAction = (id: string, signal?: Signal) => request<ActionDetail>(`/inbox/actions/${encodeURIComponent(id)}`, { signal });
export const undoAction = (id: string) => post<Action>(`/inbox/actions/${encodeURIComponent(id)}/undo`, {});

export const listDeliveries = (action: string, state: DeliveryState | null, limit: number, after: string | null, signal?: Signal) =>
  request<Page<Delivery>>("/inbox/deliveries", { query: { action, state, limit, after }, signal });

export const retryDelivery = (id: string) => post<Delivery>(`/inbox/deliveries/${encodeURIComponent(id)}/retry`, {});

export const mergeGroup = (id: string, into: string) => post<Changed>(`${group(id)}/merge`, { into });

/** Without `into` the messages begin a group of their own. */
export const moveMessages = (id: string, messages: string[], into: string | null) =>
  post<Changed>(`${group(id)}/move`, { messages, into });

export const removeMessage = (id: string, into: string | null) =>
  post<Changed>(`/inbox/messages/${encodeURIComponent(id)}/remove`, { into });

export const listChanges = (cluster: string | null, limit: number, after: string | null, signal?: Signal) =>
  request<Page<Change>>("/inbox/changes", { query: { cluster, limit, after }, signal });

export const undoChange = (id: string) => post<Change>(`/inbox/changes/${encodeURIComponent(id)}/undo`, {});

export const ingestMessage = (text: string, name: string) =>
  post<{ id: string; status: string }>("/inbox/messages", { text, visitor: { name } });
