import { useEffect } from "preact/hooks";
import type { Model } from "../../core/api";
import { listModels } from "../../core/endpoints";
import { count } from "../../core/format";
import { resource } from "../../core/resource";
import { ProblemNote, Skeleton } from "../../ui/states";

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
          <li key={model.space_id ?? model.model}>
            <h3>
              {model.model} {model.default && <span class="tag">in use</span>}
            </h3>
            <p>{model.description}</p>
            <p class="quiet numbers">
              {[`${count(model.dimension)} dimensions`, model.status, model.speed_hint].filter(Boolean).join(", ")}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
