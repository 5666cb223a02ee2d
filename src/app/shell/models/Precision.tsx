/** In which precision the weights lie on the card, with what each takes for the model in use. */
import { m } from '../../messages/index.ts';
import { reloadModel, useWantedModel } from '../../session/compute.ts';
import { keepInBits, useLibrary } from '../../session/library.ts';
import { PRECISIONS, prefer, usePreferences } from '../../session/preferences.ts';
import { cost } from './measured.ts';

export function Precision() {
  const chosen = usePreferences((state) => state.precision);
  const wanted = useWantedModel();
  const { storage, found, fetching } = useLibrary();
  const { name, sizes } = found
    ? { name: found.id, sizes: found.sizes }
    : { name: wanted, sizes: storage?.items.find((item) => item.name === wanted)?.sizes };
  const choose = (precision: (typeof PRECISIONS)[number]) => {
    prefer({ precision });
    void reloadModel().catch(() => undefined);
  };
  return (
    <fieldset className="precisions">
      <legend>{m.models.precision.title}</legend>
      {PRECISIONS.map((one) => {
        const spent = cost(name, one);
        return (
          <label key={one}>
            <input type="radio" name="precision" checked={one === chosen} onChange={() => choose(one)} />
            <span>
              {m.models.precision.names[one]}
              {sizes && <span className="note">, {m.models.here.onCard(sizes[one])}</span>}
              <span className="note block">{m.models.precision.help[one]}</span>
              {spent && <span className="note block">{spent}</span>}
            </span>
          </label>
        );
      })}
      {sizes && <p className="note">{m.models.precision.sizes(name)}</p>}
      {chosen !== 'stored' && chosen !== 'f16' && !wanted.endsWith(`-${chosen}`) && (
        <>
          <div className="model-actions">
            <button
              type="button"
              className="outline"
              disabled={fetching !== undefined}
              onClick={() => void keepInBits(wanted, chosen)}
            >
              {m.models.precision.keep(wanted, m.models.precision.names[chosen])}
            </button>
          </div>
          <p className="note">{m.models.precision.keepHelp}</p>
        </>
      )}
    </fieldset>
  );
}
