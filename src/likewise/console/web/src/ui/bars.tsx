import { count, plural } from "../core/format";
import type { Operation } from "../core/api";

/** A share from 0 to 1 as a bar; the number beside it says the same in words. */
export function Bar({ share, tone = "accent" }: { share: number; tone?: "accent" | "quiet" | "warn" }) {
  const width = `${Math.round(Math.max(0, Math.min(1, share)) * 1000) / 10}%`;
  return (
    <span class="bar" data-tone={tone} aria-hidden="true">
      <span style={{ width }} />
    </span>
  );
}

export function ProgressBar({ operation, label }: { operation: Operation; label: string }) {
  const { progress, status } = operation;
  const done = progress?.done ?? 0;
  const total = progress?.total ?? null;
  const unit = progress?.unit ?? "steps";
  const text = status === "queued" ? "waiting for its turn" : total ? `${count(done)} of ${plural(total, unit, unit)}` : plural(done, unit, unit);
  // Without a known total a running bar has no end to approach: it moves without a value.
  const unknown = status === "running" && !total;
  const value = unknown ? undefined : total ? Math.min(done, total) : status === "succeeded" ? 1 : 0;
  return (
    <div class="progress">
      <progress aria-label={label} max={total ?? 1} value={value} />
      <span class="numbers">{text}</span>
      {!!progress?.rejected && <span class="numbers warn">{count(progress.rejected)} rejected</span>}
    </div>
  );
}
