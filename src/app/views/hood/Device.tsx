/** What the adapter offers and what each of it changes here; the model's memory on it; the forms the engine chose. */
import type { DeviceFacts, TileChoice } from '../../../worker/protocol.ts';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { Part } from './Part.tsx';
import { Failure } from './RunButton.tsx';
import { useHood } from './store.ts';

export function Device() {
  const asked = useHood((state) => state.asked);
  const facts = useHood((state) => state.facts);
  return (
    <Part title={m.hood.device.title}>
      {asked === 'not yet' && <p aria-busy="true">{m.hood.device.waiting}</p>}
      {asked === 'none' && <p>{m.hood.device.none}</p>}
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
        <b>{facts.device}</b> {facts.software && m.hood.device.software}
      </p>
      {backend && <p>{m.hood.device.instead(backend, facts.device)}</p>}
      <div className="hood-facts">
        <div>
          <h3>{m.hood.device.features}</h3>
          <dl>
            {Object.entries(m.hood.device.featureHelp).map(([name, help]) => (
              <Fact
                key={name}
                name={name}
                value={facts.features.includes(name) ? m.hood.device.has : m.hood.device.lacks}
                help={help}
              />
            ))}
          </dl>
          <h3>{m.hood.device.memory}</h3>
          {facts.model && model ? (
            <ul>
              <li>{m.hood.device.model(model.id, facts.model.memory.model)}</li>
              <li>{m.hood.device.work(facts.model.memory.work)}</li>
            </ul>
          ) : (
            <p>{m.hood.device.noModel}</p>
          )}
          {facts.model && <Choices choices={facts.model.choices} />}
        </div>
        <div>
          <h3>{m.hood.device.limits}</h3>
          <dl>
            {Object.entries(facts.limits).map(([name, value]) => (
              <Fact
                key={name}
                name={name}
                value={
                  /Size$/.test(name) && !/Workgroup(?!Storage)/.test(name)
                    ? m.hood.device.bytes(value)
                    : m.hood.device.count(value)
                }
                help={m.hood.device.limitHelp[name]}
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
      <h3>{m.hood.device.choices}</h3>
      <p className="note">{m.hood.device.choicesHelp}</p>
      {choices.map(({ rows, tiles, measured }) => (
        <table key={rows} className="hood-choices">
          <caption>{m.hood.device.choice(rows, measured)}</caption>
          <thead className="hidden">
            <tr>
              <th scope="col">{m.hood.device.product}</th>
              <th scope="col">{m.hood.device.tile}</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(tiles).map(([role, tile]) => (
              <tr key={role}>
                <th scope="row">{m.hood.device.roles[role] ?? role}</th>
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
