/** What the adapter offers and what each of it changes here; the model's memory on it; the forms the engine chose. */
import type { DeviceFacts, TileChoice } from '../../worker/protocol.ts';
import { m } from '../messages/index.ts';
import { useCompute } from '../stores/compute.ts';
import { Part } from './Part.tsx';
import { Failure } from './RunButton.tsx';
import { useHood } from './store.ts';

const words = m.hood.device;

export function Device() {
  const asked = useHood((state) => state.asked);
  const facts = useHood((state) => state.facts);
  return (
    <Part title={words.title}>
      {asked === 'not yet' && <p aria-busy="true">{words.waiting}</p>}
      {asked === 'none' && <p>{words.none}</p>}
      <Failure of="device" />
      {facts && <Facts facts={facts} />}
    </Part>
  );
}

function Facts({ facts }: { facts: DeviceFacts }) {
  const model = useCompute((state) => state.model);
  const report = model?.device;
  const backend = report && report.backend !== 'webgpu' ? (m.header.backends[report.backend] ?? report.backend) : '';
  return (
    <>
      <p className="hood-name">
        <b>{facts.device}</b> {facts.software && words.software}
      </p>
      {backend && <p>{words.instead(backend, facts.device)}</p>}
      <div className="hood-facts">
        <div>
          <h3>{words.features}</h3>
          <dl>
            {Object.entries(words.featureHelp).map(([name, help]) => (
              <Fact
                key={name}
                name={name}
                value={facts.features.includes(name) ? words.has : words.lacks}
                help={help}
              />
            ))}
          </dl>
          <h3>{words.memory}</h3>
          {facts.model && model ? (
            <ul>
              <li>{words.model(model.id, facts.model.memory.model)}</li>
              <li>{words.work(facts.model.memory.work)}</li>
            </ul>
          ) : (
            <p>{words.noModel}</p>
          )}
          {facts.model && <Choices choices={facts.model.choices} />}
        </div>
        <div>
          <h3>{words.limits}</h3>
          <dl>
            {Object.entries(facts.limits).map(([name, value]) => (
              <Fact
                key={name}
                name={name}
                value={
                  /Size$/.test(name) && !/Workgroup(?!Storage)/.test(name) ? words.bytes(value) : words.count(value)
                }
                help={words.limitHelp[name]}
              />
            ))}
          </dl>
        </div>
      </div>
    </>
  );
}

function Fact({ name, value, help }: { name: string; value: string; help: string | undefined }) {
  return (
    <div>
      <dt>
        <code>{name}</code>
      </dt>
      <dd>
        <b>{value}</b>
        <span className="note">{help}</span>
      </dd>
    </div>
  );
}

function Choices({ choices }: { choices: readonly TileChoice[] }) {
  return (
    <>
      <h3>{words.choices}</h3>
      <p className="note">{words.choicesHelp}</p>
      {choices.map(({ rows, tiles, measured }) => (
        <table key={rows} className="hood-choices">
          <caption>{words.choice(rows, measured)}</caption>
          <thead className="hidden">
            <tr>
              <th scope="col">{words.product}</th>
              <th scope="col">{words.tile}</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(tiles).map(([role, tile]) => (
              <tr key={role}>
                <th scope="row">{words.roles[role] ?? role}</th>
                <td>
                  <code>{tile}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}
