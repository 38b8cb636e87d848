// What was upvoted from this page. The server keeps the truth; it tells counts, not who gave them.
import { signal } from "@preact/signals";

export const upvoted = signal<ReadonlySet<string>>(new Set());

/** Upvotes, or takes it back if it was upvoted here; what the server refuses changes nothing. Whether it is up now. */
export async function toggleUpvote(user: string, id: string, send: (wanted: boolean) => Promise<unknown>): Promise<boolean> {
  const name = `${user} ${id}`;
  const wanted = !upvoted.value.has(name);
  await send(wanted);
  const next = new Set(upvoted.value);
  if (wanted) next.add(name);
  else next.delete(name);
  upvoted.value = next;
  return wanted;
}
