import type { LoadColumn } from "../../core/api";
import { plain } from "../../core/format";
import { assign, mapping, ROLE_HELP, SINGLE_ROLES, toggleFacet, type Role } from "./store";

const EXAMPLE_CHARACTERS = 90;

const clipped = (value: unknown): string => {
  const text = typeof value === "object" ? plain(value) : String(value);
  return text.length > EXAMPLE_CHARACTERS ? `${text.slice(0, EXAMPLE_CHARACTERS)}…` : text;
};

/** A choice of column; where the file does not tell its columns beforehand, a field for the column's name. */
function RoleField({ role, columns }: { role: Role; columns: readonly LoadColumn[] }) {
  const shared = {
    id: `role-${role}`,
    value: mapping.value[role] ?? "",
    required: role === "text",
    "aria-describedby": `help-${role}`,
    onChange: (event: { currentTarget: { value: string } }) => assign(role, event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={`role-${role}`}>{role}</label>
      {columns.length === 0 ? (
        <input {...shared} autocomplete="off" spellcheck={false} placeholder="Name of the column" />
      ) : (
        <select {...shared}>
          <option value="">{role === "text" ? "Choose a column" : "None"}</option>
          {columns.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
      <p id={`help-${role}`} class="quiet">
        {ROLE_HELP[role]}
      </p>
    </div>
  );
}

/** Latitude and longitude are two columns, sent as `lat,lon`. */
function PlaceFields({ columns }: { columns: readonly LoadColumn[] }) {
  const [lat = "", lon = ""] = String(mapping.value.place ?? "").split(",");
  const numbers = columns.filter(({ type }) => type === "number");
  const choose = (label: string, value: string, other: (next: string) => string) => (
    <select aria-label={label} value={value} onChange={(event) => assign("place", other(event.currentTarget.value))}>
      <option value="">None</option>
      {numbers.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
  const joined = (a: string, b: string) => (a || b ? `${a},${b}` : "");
  return (
    <fieldset class="field">
      <legend>place</legend>
      <div class="row tight">
        {choose("Latitude", lat, (next) => joined(next, lon))}
        {choose("Longitude", lon, (next) => joined(lat, next))}
      </div>
      <p class="quiet">Latitude and longitude</p>
    </fieldset>
  );
}

/** What the file holds, and what each column is to mean. */
export function Columns({ columns }: { columns: readonly LoadColumn[] }) {
  const facets = mapping.value.facets ?? [];
  return (
    <>
      <section>
        <h2>What the columns mean</h2>
        <div class="roles">
          {SINGLE_ROLES.map((role) => (
            <RoleField key={role} role={role} columns={columns} />
          ))}
          {columns.length > 0 && <PlaceFields columns={columns} />}
        </div>
      </section>
      {columns.length > 0 && <ColumnTable columns={columns} facets={facets} />}
    </>
  );
}

function ColumnTable({ columns, facets }: { columns: readonly LoadColumn[]; facets: readonly string[] }) {
  return (
    <section>
      <h2>{columns.length} columns, with an example of each</h2>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Facet</th>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">Example</th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ name, type, example }) => (
              <tr key={name}>
                <td>
                  <input type="checkbox" aria-label={`Use ${name} as a facet`} checked={facets.includes(name)} onChange={() => toggleFacet(name)} />
                </td>
                <th scope="row">{name}</th>
                <td class="quiet">{type}</td>
                <td>{clipped(example)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
