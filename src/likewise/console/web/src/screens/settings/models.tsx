import { useEffect } from "preact/hooks";
import type { Model } from "../../core/api";
import { listModels } from "../../core/endpoints";
import { count } from "../../core/format";
import { resource } from "../../core/resource";
import { ProblemNote, Skeleton } from "../../ui/states";

const STATES: Record<Model["state"], string> = {
  serving: "in use",
  filling: "being filled",
  ready: "ready to cut over to",
  previous: "used before, kept in step",
  dropping: "being dropped",
  unused: "not in use",
};

const models = resource<Model[]>();
const refresh = (): Promise<void> => models.run(listModels);

export function Models() {
  useEffect(() => void refresh(), []);
  const shown = models.data.value;
  const problem = models.problem.value;
  return (
    <>
      {problem && <ProblemNote problem={problem} retry={refresh} />}
      {!shown && !problem && <Skeleton lines={3} />}
      <ul class="plain-list models">
        {shown?.map((model) => (
          <li key={model.space_id}>
            <h3>
              {model.model} {model.state !== "unused" && <span class="tag">{STATES[model.state]}</span>}
            </h3>
            <p>{model.description}</p>
            <p class="quiet numbers">
              {[
                `${count(model.dimension)} dimensions`,
                model.waiting > 0 && `${count(model.waiting)} passages wait`,
                model.failed > 0 && `${count(model.failed)} failed`,
              ]
                .filter(Boolean)
                .join(", ")}
            </p>
          </li>
        ))}
      </ul>
      <p class="quiet">
        To change the model while searches go on: <code>likewise models change NAME</code>, then{" "}
        <code>models compare</code>, <code>models cut-over</code> and <code>models drop</code>.
      </p>
    </>
  );
}
